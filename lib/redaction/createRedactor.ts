import { attempt } from "../shared/attempt.js";
import { diagnoseSetting } from "../shared/diagnostics.js";
import { KeyRules } from "./KeyRules.js";
import { KnownPlaces } from "./KnownPlaces.js";
import type { PrivacyOptions, PrivacyPattern, PrivacyToken } from "./PrivacyOptions.js";
import { Redactor } from "./Redactor.js";
import type { OwnRows } from "./Rules.js";
import { Rules } from "./Rules.js";
import { TextRedactor } from "./TextRedactor.js";
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
    return new Redactor(() => ({ text: undefined, keys: new KeyRules(undefined) }), undefined);
  const { env, argv } = process;
  const homes = (home === undefined ? [env["HOME"], env["USERPROFILE"]] : [home]).filter(
    (directory) => directory !== undefined,
  );
  const login = user ?? env["USER"] ?? env["USERNAME"] ?? env["LOGNAME"];
  const applicationRoot = options.applicationRoot ?? argv[1]?.replace(/[\\/][^\\/]*$/, "");
  const maxLength = maxLengthOf(options.maxValueLength);
  const allowed = names("allowKeys", options.allowKeys);
  const denied = names("denyKeys", options.denyKeys);
  const rows: OwnRows = {
    secretNames: names("secretNames", options.secretNames),
    keep: names("keep", options.keep),
    tokens: tokens(options.tokens),
  };
  return new Redactor(() => {
    const rules = new Rules(rows, new KnownPlaces(homes, applicationRoot, login));
    return {
      text: new TextRedactor(rules, maxLength),
      keys: new KeyRules(rules.names, allowed, denied),
    };
  }, ownRules(options));
}

/** The least that a token's beginning and rest must have: shorter ones are parts of words. */
const MIN_PREFIX = 2;
const MIN_TOKEN = 8;

function tokens(value: readonly PrivacyToken[] | undefined): OwnRows["tokens"] {
  if (value === undefined) return [];
  const given: readonly unknown[] = Array.isArray(value) ? value : [];
  const usable = given.filter(
    (each): each is PrivacyToken => attempt(() => isToken(each)) === true,
  );
  if (usable.length !== value.length)
    diagnoseSetting(
      "privacy.tokens",
      value,
      `a list of { name, prefix, length } with a prefix of ${MIN_PREFIX} characters and a length of ${MIN_TOKEN} or more`,
      "What is none is left out.",
    );
  return usable;
}

function isToken(value: unknown): value is PrivacyToken {
  const { name, prefix, length } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof name === "string" &&
    typeof prefix === "string" &&
    prefix.length >= MIN_PREFIX &&
    !/\s/.test(prefix) &&
    Number.isInteger(length) &&
    (length as number) >= MIN_TOKEN
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
