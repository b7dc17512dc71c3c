import { PACKAGE_NAME, PACKAGE_VERSION } from "../../resource/packageVersion.js";
import type { Tier } from "../../resource/Tier.js";

/** One thing that the doctor has to say. */
export interface Finding {
  /** The same for the same cause, for scripts. */
  readonly code: string;
  /** `problem` makes the exit code 1; `off` and `note` do not. */
  readonly level: "ok" | "off" | "note" | "problem";
  /** What it is about. */
  readonly about: "settings" | "otlp" | "posthog" | "api" | "spool";
  /** What is so, in one sentence. */
  readonly sentence: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** What the doctor finds, in the order in which it looks. What a finding is about is the beginning of its code. */
export class Findings {
  readonly all: Finding[] = [];

  readonly ok = this.#adding("ok");
  readonly off = this.#adding("off");
  readonly note = this.#adding("note");
  readonly problem = this.#adding("problem");

  #adding(level: Finding["level"]): (code: string, sentence: string, advice?: string) => void {
    return (code, sentence, advice) => {
      const about = SUBJECTS.find((subject) => code.startsWith(`${subject}-`)) ?? "settings";
      this.all.push({ code, level, about, sentence, ...(advice === undefined ? {} : { advice }) });
    };
  }
}

/** One setting as it is in force. */
export interface Setting {
  readonly name: string;
  /** As text; keys are masked. */
  readonly value: string;
  /** The variable that it came from, or `default`. */
  readonly source: string;
}

const SUBJECTS = ["otlp", "posthog", "api", "spool"] as const;
const SIGNS: Readonly<Record<Finding["level"], string>> = {
  ok: "✓",
  off: "–",
  note: "·",
  problem: "✗",
};
/** Longer values do not push the sources out of sight. */
const MAX_PADDING = 48;

/** What the doctor says to people. */
export function formatReport(
  tier: Tier,
  settings: readonly Setting[],
  findings: readonly Finding[],
): string {
  const width = (of: keyof Setting): number =>
    Math.max(...settings.map((setting) => setting[of].length));
  const [names, values] = [width("name"), Math.min(MAX_PADDING, width("value"))];
  const problems = findings.filter(({ level }) => level === "problem").length;
  return [
    `${PACKAGE_NAME} ${PACKAGE_VERSION}, Node ${process.version}, tier ${tier}`,
    "",
    ...settings.map(
      ({ name, value, source }) => `  ${name.padEnd(names)}  ${value.padEnd(values)}  ${source}`,
    ),
    "",
    ...findings.map(
      ({ level, sentence, advice }) =>
        `${SIGNS[level]} ${sentence}${advice === undefined ? "" : `\n    ${advice}`}`,
    ),
    "",
    `${problems === 0 ? "No problem was" : problems === 1 ? "One problem was" : `${problems} problems were`} found.`,
    "",
  ].join("\n");
}
