import { diagnoseSetting } from "../shared/diagnostics.js";
import { buildHeads } from "./Heads.js";
import { KnownPlaces } from "./KnownPlaces.js";
import type { PrivacyOptions, PrivacyPattern } from "./PrivacyOptions.js";
import { Redactor } from "./Redactor.js";
import { Scanner } from "./Scanner.js";
import { userSpellings } from "./matchPerson.js";
import { KeyRules } from "./secrecy.js";
import { REDACTED } from "./ValueCopier.js";

/** Long enough for a stack with causes; a file's content is not telemetry. */
const DEFAULT_MAX_LENGTH = 8_192;
const MIN_MAX_LENGTH = 16;

/** What the machine says about itself; what is missing is read from the process. */
interface Machine {
  /** The home directory. Default: `HOME` and `USERPROFILE`. */
  readonly home?: string | undefined;
  /** The user's login name. Default: `USER`, `USERNAME` and the home directory's own name. */
  readonly user?: string | undefined;
}

/**
 * Makes the redactor of a process. Unusable options are reported once and replaced by their defaults; only `false` and
 * `enabled: false` turn redaction off.
 */
export function createRedactor(
  options: PrivacyOptions | false = {},
  { home, user }: Machine = {},
): Redactor {
  if (options === false || options.enabled === false)
    return new Redactor(undefined, new KeyRules("all"), undefined);
  const { env, argv } = process;
  const homes = (home === undefined ? [env["HOME"], env["USERPROFILE"]] : [home]).filter(
    (directory) => directory !== undefined,
  );
  const login = user ?? env["USER"] ?? env["USERNAME"] ?? env["LOGNAME"];
  const applicationRoot = options.applicationRoot ?? argv[1]?.replace(/[\\/][^\\/]*$/, "");
  const maxLength = maxLengthOf(options.maxValueLength);
  return new Redactor(
    () => {
      const places = new KnownPlaces(homes, applicationRoot);
      return new Scanner(buildHeads(userSpellings(login, homes)), places, maxLength);
    },
    new KeyRules(names("allowKeys", options.allowKeys), names("denyKeys", options.denyKeys)),
    ownRules(options),
  );
}

function maxLengthOf(value: number | undefined): number {
  if (value === undefined) return DEFAULT_MAX_LENGTH;
  if (typeof value === "number" && value >= MIN_MAX_LENGTH) return Math.floor(value);
  diagnoseSetting(
    "privacy.maxValueLength",
    value,
    `numbers from ${MIN_MAX_LENGTH}`,
    `It is ${DEFAULT_MAX_LENGTH}.`,
  );
  return DEFAULT_MAX_LENGTH;
}

function names(option: string, value: readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  const usable = Array.isArray(value)
    ? value.filter((name: unknown) => typeof name === "string")
    : [];
  if (usable.length !== value.length)
    diagnoseSetting(`privacy.${option}`, value, "a list of names", "What is no name is left out.");
  return usable;
}

/** What the caller's own patterns and function make of a value. */
export type OwnRules = (value: string, key: string | undefined) => string;

const DEFAULT_NAME = "redacted";

/** The caller's patterns and function as one step, or undefined when there are none. A throw redacts the whole value. */
function ownRules(options: PrivacyOptions): OwnRules | undefined {
  const patterns = (options.patterns ?? []).flatMap(toReplacement);
  const redact = usable(options.redact);
  if (patterns.length === 0 && redact === undefined) return undefined;
  return (value, key) => {
    try {
      let text = value;
      for (const { pattern, label } of patterns) text = text.replace(pattern, label);
      if (redact === undefined) return text;
      const own: unknown = redact(text, key);
      return typeof own === "string" ? own : REDACTED;
    } catch {
      return REDACTED;
    }
  };
}

function usable(redact: PrivacyOptions["redact"]): PrivacyOptions["redact"] {
  if (redact === undefined || typeof redact === "function") return redact;
  diagnoseSetting("privacy.redact", redact, "a function", "Every value becomes <redacted>.");
  return () => REDACTED;
}

function toReplacement(entry: PrivacyPattern): { pattern: RegExp; label: () => string }[] {
  const pattern: unknown =
    entry instanceof RegExp ? entry : (entry as { pattern?: unknown } | null)?.pattern;
  if (!(pattern instanceof RegExp)) {
    diagnoseSetting(
      "privacy.patterns",
      entry,
      "regular expressions, or { name, pattern }",
      "The entry is left out.",
    );
    return [];
  }
  const name = entry instanceof RegExp ? DEFAULT_NAME : entry.name;
  return [{ pattern: everywhere(pattern), label: () => `<${name}>` }];
}

/** The pattern for all matches; a sticky one would stop at the first miss. A subclass keeps its own behaviour. */
function everywhere(pattern: RegExp): RegExp {
  if (pattern.constructor !== RegExp || Object.hasOwn(pattern, "exec")) return pattern;
  const flags = pattern.flags.replace("y", "");
  return new RegExp(pattern.source, flags.includes("g") ? flags : `${flags}g`);
}
