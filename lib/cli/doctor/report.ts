import { LAND_PREFIX, LAND_WORDS } from "../../config/landVariables.js";
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

/** What the doctor finds. What a finding is about is the beginning of its code. */
export class Findings {
  readonly all: Finding[] = [];

  readonly ok = this.#adding("ok");
  readonly off = this.#adding("off");
  readonly note = this.#adding("note");
  readonly problem = this.#adding("problem");

  /** What matters most comes first; otherwise they stand in the order in which the doctor looks. */
  sorted(): readonly Finding[] {
    return LEVELS.flatMap((level) => this.all.filter((finding) => finding.level === level));
  }

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

const LEVELS = ["problem", "off", "note", "ok"] as const satisfies readonly Finding["level"][];
const SUBJECTS = ["otlp", "posthog", "api", "spool"] as const;
const SIGNS: Readonly<Record<Finding["level"], string>> = {
  ok: "✓",
  off: "–",
  note: "·",
  problem: "✗",
};
/** Longer values do not push the sources out of sight. */
const MAX_PADDING = 48;

const NOTHING = "Nothing is sent.";

/**
 * What the doctor says to people: first what it found, then the settings.
 *
 * @param isAll Whether settings that have their defaults are listed too.
 */
export function formatReport(
  tier: Tier,
  all: readonly Setting[],
  findings: readonly Finding[],
  isSending: boolean,
  isAll: boolean,
): string {
  const settings = all.filter(({ source }) => isAll || source !== "default");
  const ofTier = all.find(({ name }) => name === "tier")?.source;
  const guessed =
    ofTier === "default" ? `; the program's own is not known here, and --tier says it` : "";
  const width = (of: keyof Setting): number =>
    Math.max(...settings.map((setting) => setting[of].length));
  const [names, values] = [width("name"), Math.min(MAX_PADDING, width("value"))];
  const count = findings.filter(({ level }) => level === "problem").length;
  const problems =
    count === 0 ? "No problem was" : count === 1 ? "One problem was" : `${count} problems were`;
  return [
    `${PACKAGE_NAME} ${PACKAGE_VERSION}, Node ${process.version}, tier ${tier}${guessed}`,
    "Signs: ✗ a problem, – off, · worth knowing, ✓ fine.",
    "",
    ...findings.map(
      ({ level, sentence, advice }) =>
        `${SIGNS[level]} ${sentence}${advice === undefined ? "" : `\n    ${advice}`}`,
    ),
    "",
    isSending ? `${problems} found.` : count === 0 ? NOTHING : `${problems} found. ${NOTHING}`,
    "",
    isAll
      ? "All settings:"
      : `${settings.length === 0 ? "Every setting has its default" : "The settings that are not defaults"}; \`doctor --all\` lists all:`,
    ...settings.map(
      ({ name, value, source }) => `  ${name.padEnd(names)}  ${value.padEnd(values)}  ${source}`,
    ),
    "",
    `${LAND_WORDS.join(", ")} can each be given as ${LAND_PREFIX}… too, such as ${LAND_PREFIX}CAPTURE; that name wins.`,
    "",
  ].join("\n");
}
