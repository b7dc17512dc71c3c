import { attempt } from "../shared/attempt.js";
import { prefixedName } from "./landVariables.js";
import type { Parse } from "./parsers.js";
import type { TelemetryOptions } from "./TelemetryOptions.js";

/** The environment to read; `process.env` outside tests. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A place a setting can come from: the name people know it by, and what it holds there. */
export type Candidate = readonly [name: string, value: unknown];

/** Finds settings by precedence and remembers where each came from. */
export class SettingReader {
  /** By setting: the option or variable by name, or `default`. */
  readonly sources: Record<string, string> = {};
  readonly #options: TelemetryOptions;
  readonly #environment: Environment;

  /** @param options What {@link normaliseOptions} has made of them. */
  constructor(options: TelemetryOptions, environment: Environment) {
    this.#options = options;
    this.#environment = environment;
  }

  /**
   * The first usable value of the option that has the setting's own name (`posthog.host`), then of the variables in
   * the order given; else the fallback.
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

  /** Everything that is set for a setting and is not empty, the option first. */
  given(setting: string, ...variables: readonly string[]): readonly Candidate[] {
    return this.candidates(setting, ...variables).filter(([, value]) => value !== "");
  }

  /**
   * Everything that is set for a setting, the option first; text is trimmed and may be empty. Where the prefixed name
   * of one of Land's words says something, that word is not read: there it may mean something else.
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

  /** The names of all variables; none where they cannot be listed. */
  names(): readonly string[] {
    return attempt(() => Object.keys(this.#environment)) ?? [];
  }

  /** The text of a variable as it stands; undefined also where it cannot be read. */
  variable(name: string): string | undefined {
    try {
      return this.#environment[name];
    } catch {
      return undefined;
    }
  }
}

/** What counts where a place cannot be used. */
function insteadOf(next: string | undefined, fallback: unknown): string {
  if (next !== undefined) return `${next} is read instead.`;
  const isShown = typeof fallback === "string" || typeof fallback === "number";
  return isShown ? `${fallback} is used.` : "It is taken as unset.";
}
