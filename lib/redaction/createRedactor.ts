import { attempt } from "../shared/attempt.js";
import { diagnoseSetting } from "../shared/diagnostics.js";
import { KeyRules } from "./Names.js";
import { KnownPlaces } from "./KnownPlaces.js";
import { Redactor } from "./Redactor.js";
import { Rules } from "./Rules.js";
import { TextRedactor } from "./TextRedactor.js";
import { REDACTED } from "./ValueCopier.js";

/** A custom pattern, alone or with the name that replaces its matches, as `<name>`. Alone, it leaves `<redacted>`. */
export type PrivacyPattern = RegExp | { readonly name: string; readonly pattern: RegExp };

/** A custom token: `prefix`, then at least `length` base64 characters that include digits or both cases of letters. */
export interface PrivacyToken {
  /** The rule is `token.<name>` in `stats().redacted`, `privacy.keep` and `land-telemetry redact --explain`. */
  readonly name: string;
  readonly prefix: string;
  readonly length: number;
}

/**
 * What is removed from everything that is sent. All options are optional. By default these are removed: the home
 * directory, the user's name, paths outside the application, credentials, query strings, e-mail addresses, private
 * keys and the tokens of common providers.
 */
export interface PrivacyOptions {
  /** `false` sends everything as it is, unshortened. Default: `true`. */
  readonly enabled?: boolean;
  /**
   * Further patterns, each match of which is replaced by `<name>`. They run on every string, after the built-in rules,
   * so keep them cheap: one that backtracks takes quadratic time or worse. If a pattern throws, the value becomes
   * `<redacted>`. Default: none.
   */
  readonly patterns?: readonly PrivacyPattern[];
  /**
   * Keys of attributes and properties whose values pass unredacted. The whole key has to match, ignoring case, `-`
   * and `_`. A key that is also denied stays denied. Default: none beyond the distinct id and the event name that
   * mirrored spans carry, which are always allowed.
   */
  readonly allowKeys?: readonly string[];
  /**
   * Keys whose values become `<redacted>` whatever they hold. They are compared like `allowKeys`, with the whole key or
   * its last dotted part: `password` also denies `user.password`. They add to the built-in names of secrets, such as
   * `password`, `authorization` and `api_key`, which cover strings and objects. Default: none.
   */
  readonly denyKeys?: readonly string[];
  /**
   * Further names of secrets, such as `["crew_code"]`. A value that a string or a key assigns to one is removed, in any
   * spelling of the name and after further words (`crewCode`, `LAND_CREW_CODE`). Default: none.
   */
  readonly secretNames?: readonly string[];
  /** Further forms of tokens. Default: none. */
  readonly tokens?: readonly PrivacyToken[];
  /** Rules to turn off, by the names that `land-telemetry redact --explain` prints, such as `email`. Default: none. */
  readonly keep?: readonly string[];
  /**
   * A custom function, called last for every string with the redacted value and its key. What it returns is sent; if
   * it throws or returns anything but a string, `<redacted>` is sent. Default: none.
   */
  readonly redact?: (value: string, key: string | undefined) => string;
  /**
   * The application's own directory: a path inside it keeps the part below it (`<app>/dist/main.js`). The root of a
   * file system, the home directory and a directory that contains it are ignored. Default: the directory of the
   * process's main script.
   */
  readonly applicationRoot?: string;
  /**
   * Characters kept of one string; the rest is cut and `<cut>` appended. A string is also cut after one find per 16 of
   * these characters (512 finds by default). Default: 8192.
   */
  readonly maxValueLength?: number;
}

/** Long enough for a stack with causes, too short for the content of a file, which is not telemetry. */
const DEFAULT_MAX_LENGTH = 8_192;
const MIN_MAX_LENGTH = 16;

/** What is known of the user; anything missing is read from the process's environment. */
interface Machine {
  /** The home directory. Default: `HOME` and `USERPROFILE`. */
  readonly home?: string | undefined;
  /** The login name, beside the home directory's own name. Default: the first of `USER`, `USERNAME` and `LOGNAME`. */
  readonly user?: string | undefined;
}

/**
 * Creates the redactor of a process. Unusable options are reported once and replaced by their defaults; only `false`
 * and `enabled: false` turn redaction off.
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
  const [allowed, denied, secretNames, keep] = (
    ["allowKeys", "denyKeys", "secretNames", "keep"] as const
  ).map((option) => listOf(options, option, isName)) as [string[], string[], string[], string[]];
  const tokens = listOf(
    options,
    "tokens",
    isToken,
    `a list of { name, prefix, length } with a prefix of ${MIN_PREFIX} characters and a length of ${MIN_TOKEN} or more`,
  );
  return new Redactor(() => {
    const rules = new Rules(
      { secretNames, keep, tokens },
      new KnownPlaces(homes, applicationRoot, login),
    );
    return {
      text: new TextRedactor(rules, maxLength),
      keys: new KeyRules(rules.names, allowed, denied),
    };
  }, ownRules(options));
}

function maxLengthOf(value: number | undefined): number {
  if (value === undefined) return DEFAULT_MAX_LENGTH;
  if (typeof value === "number" && value >= MIN_MAX_LENGTH) return Math.floor(value);
  diagnoseSetting(
    "privacy.maxValueLength",
    value,
    `a number of ${MIN_MAX_LENGTH} or more`,
    `${DEFAULT_MAX_LENGTH} is used.`,
  );
  return DEFAULT_MAX_LENGTH;
}

/** Least length of a token's prefix and of its rest: anything shorter occurs in ordinary words. */
const MIN_PREFIX = 2;
const MIN_TOKEN = 8;

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

function isName(value: unknown): value is string {
  return typeof value === "string";
}

/** The usable items of one of the caller's lists. */
function listOf<T>(
  options: PrivacyOptions,
  option: keyof PrivacyOptions,
  isUsable: (item: unknown) => item is T,
  wanted = "a list of names",
): readonly T[] {
  const value: unknown = options[option] ?? [];
  const given: readonly unknown[] = Array.isArray(value) ? value : [];
  const usable = given.filter((item): item is T => attempt(() => isUsable(item)) === true);
  if (!Array.isArray(value) || usable.length !== given.length)
    diagnoseSetting(`privacy.${option}`, value, wanted, "Unusable entries are left out.");
  return usable;
}

/** Applies the caller's own patterns and function to a value. */
export type OwnRules = (value: string, key: string | undefined) => string;

const DEFAULT_NAME = "redacted";

/** The caller's patterns and function as one step; undefined without any. A throw redacts the whole value. */
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

/** The pattern made global; not sticky, as that stops at the first miss. A subclass keeps its own behaviour. */
function everywhere(pattern: RegExp): RegExp {
  if (pattern.constructor !== RegExp || Object.hasOwn(pattern, "exec")) return pattern;
  const flags = pattern.flags.replace("y", "");
  return new RegExp(pattern.source, flags.includes("g") ? flags : `${flags}g`);
}
