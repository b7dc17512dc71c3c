import { attempt } from "../shared/attempt.js";
import { prefixedName } from "./landVariables.js";
import type { Parse } from "./parsers.js";
import type { TelemetryOptions } from "./TelemetryOptions.js";

/** The environment to read; `process.env` outside tests. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A place a setting can come from: the name of the option or variable, and its value. */
export type Candidate = readonly [name: string, value: unknown];

/** Looks up settings by precedence and records where each came from. */
export class SettingReader {
  /** By setting: the name of the option or variable it came from, or `default`. */
  readonly sources: Record<string, string> = {};
  readonly #options: TelemetryOptions;
  readonly #environment: Environment;

  /** @param options The options as returned by {@link normaliseOptions}. */
  constructor(options: TelemetryOptions, environment: Environment) {
    this.#options = options;
    this.#environment = environment;
  }

  /**
   * The first usable value, looking at the option that has the setting's own name (`posthog.host`), then at the
   * variables in the order given; else the fallback.
   */
  read<T, F>(setting: string, parse: Parse<T>, fallback: F, ...variables: string[]): T | F {
    const given = this.given(setting, ...variables);
    for (const [index, [name, value]] of given.entries()) {
      const next = given[index + 1]?.[0];
      const parsed = parse(name, value, insteadOf(next, fallback));
      if (parsed === undefined) continue;
      this.sources[setting] = name;
      return parsed;
    }
    this.sources[setting] = "default";
    return fallback;
  }

  /** All non-empty values that are set for a setting, the option first. */
  given(setting: string, ...variables: readonly string[]): readonly Candidate[] {
    return this.candidates(setting, ...variables).filter(([, value]) => value !== "");
  }

  /**
   * All values that are set for a setting, the option first; strings are trimmed and may be empty. When the prefixed
   * name of a Land word has a value, the word itself is not read: on that machine it may mean something else.
   */
  candidates(setting: string, ...variables: readonly string[]): readonly Candidate[] {
    const option = setting
      .split(".")
      .reduce<unknown>(
        (group, key) => (group as Record<string, unknown> | undefined)?.[key],
        this.#options,
      );
    const places: Candidate[] = [[setting, option]];
    for (const name of variables) {
      const prefixed = prefixedName(name);
      const text = prefixed === undefined ? undefined : this.variable(prefixed);
      if (prefixed !== undefined) places.push([prefixed, text]);
      if (text === undefined || text.trim() === "") places.push([name, this.variable(name)]);
    }
    return places
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => [name, typeof value === "string" ? value.trim() : value]);
  }

  /** The names of all variables; empty if they cannot be listed. */
  names(): readonly string[] {
    return attempt(() => Object.keys(this.#environment)) ?? [];
  }

  /** The value of a variable, untrimmed; undefined if it is not set or cannot be read. */
  variable(name: string): string | undefined {
    try {
      return this.#environment[name];
    } catch {
      return undefined;
    }
  }
}

/** The sentence that says what is used instead of an unusable value. */
function insteadOf(next: string | undefined, fallback: unknown): string {
  if (next !== undefined) return `${next} is read instead.`;
  const isShown = typeof fallback === "string" || typeof fallback === "number";
  return isShown ? `${fallback} is used.` : "It is treated as unset.";
}
