import { LAND_PREFIX, LAND_WORDS } from "../../config/landVariables.js";
import { PACKAGE_NAME, PACKAGE_VERSION } from "../../resource/packageVersion.js";
import type { Tier } from "../../resource/Tier.js";

/** One result of the doctor's checks. */
export interface Finding {
  /** Stable for the same cause, for scripts. */
  readonly code: string;
  /** `problem` makes the exit code 1; `off` and `note` do not. */
  readonly level: "ok" | "off" | "note" | "problem";
  /** What it is about. */
  readonly about: "settings" | "otlp" | "posthog" | "api" | "spool";
  /** What was found, in one sentence. */
  readonly sentence: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** Collects findings. The beginning of a finding's code says what it is about. */
export class Findings {
  readonly all: Finding[] = [];

  readonly ok = this.#adding("ok");
  readonly off = this.#adding("off");
  readonly note = this.#adding("note");
  readonly problem = this.#adding("problem");

  /** The findings by level, the most important first, and within a level in the order in which they were added. */
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

/** One setting with its effective value. */
export interface Setting {
  readonly name: string;
  /** As a string; keys are masked. */
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
/** Values are padded to this length at most, so that one long value does not push the sources out of sight. */
const MAX_PADDING = 48;

const NOTHING = "Nothing is sent.";

/**
 * The doctor's report as text: first the findings, then the settings.
 *
 * @param isAll Whether to list the settings that have their defaults too.
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
    ofTier === "default" ? `; the program's own tier is not known here; --tier sets it` : "";
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
      : `${settings.length === 0 ? "Every setting has its default" : "Settings that differ from their defaults"}; \`doctor --all\` lists all:`,
    ...settings.map(
      ({ name, value, source }) => `  ${name.padEnd(names)}  ${value.padEnd(values)}  ${source}`,
    ),
    "",
    `${LAND_WORDS.join(", ")} can each be given as ${LAND_PREFIX}… too, such as ${LAND_PREFIX}CAPTURE; that name wins.`,
    "",
  ].join("\n");
}
