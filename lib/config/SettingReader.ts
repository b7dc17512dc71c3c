import { diagnoseSetting } from "../shared/diagnose.js";
import { parseBoolean } from "./parseBoolean.js";
import { parseNumber } from "./parseNumber.js";
import { parseUrl } from "./parseUrl.js";

/** The environment to read; `process.env` outside tests. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A place a setting can come from: the name people know it by, and what it holds there. */
export type Candidate = readonly [name: string, value: unknown];

/** Resolves settings by precedence and remembers where each came from. */
export class SettingReader {
  readonly sources: Record<string, string> = {};
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Candidates of environment variables, in the order given. */
  variables(...names: readonly string[]): Candidate[] {
    return names.map((name) => [name, this.#read(name)]);
  }

  /** The first candidate that says something usable. */
  boolean(setting: string, candidates: readonly Candidate[], fallback: boolean): boolean {
    return this.#first(setting, candidates, parseBoolean) ?? fallback;
  }

  number(setting: string, candidates: readonly Candidate[], fallback: number): number {
    return this.#first(setting, candidates, parseNumber) ?? fallback;
  }

  url(setting: string, candidates: readonly Candidate[], fallback: string): string {
    return this.#first(setting, candidates, parseUrl) ?? fallback;
  }

  text(setting: string, candidates: readonly Candidate[], fallback: string): string {
    return this.#first(setting, candidates, parseText) ?? fallback;
  }

  choice<T extends string>(
    setting: string,
    candidates: readonly Candidate[],
    accepted: readonly T[],
    fallback: T,
  ): T {
    return (
      this.#first(setting, candidates, (name, value) => {
        const text = parseText(name, value);
        if (text === undefined) return undefined;
        // In any letter case, as the OpenTelemetry specification asks of enum values.
        const chosen = accepted.find((word) => word === text.toLowerCase());
        if (chosen !== undefined) return chosen;
        diagnoseSetting(name, value, accepted.join(", "), `${fallback} is used.`);
        return undefined;
      }) ?? fallback
    );
  }

  /** The switch of all candidates together: an explicit off wins over any on, whoever says it. */
  gate(
    setting: string,
    candidates: readonly Candidate[],
  ): { readonly on: boolean; readonly optedOut: boolean; readonly by: string } {
    let on: string | undefined;
    for (const [name, value] of candidates) {
      const said = parseBoolean(name, value);
      if (said === false) {
        this.sources[setting] = name;
        return { on: false, optedOut: true, by: name };
      }
      if (said === true) on ??= name;
    }
    this.sources[setting] = on ?? "default";
    return { on: on !== undefined, optedOut: false, by: on ?? "" };
  }

  #first<T>(
    setting: string,
    candidates: readonly Candidate[],
    parse: (name: string, value: unknown) => T | undefined,
  ): T | undefined {
    for (const [name, value] of candidates) {
      const parsed = parse(name, value);
      if (parsed !== undefined) {
        this.sources[setting] = name;
        return parsed;
      }
    }
    this.sources[setting] = "default";
    return undefined;
  }

  #read(name: string): string | undefined {
    try {
      return this.#environment[name];
    } catch {
      return undefined;
    }
  }
}

function parseText(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") {
    diagnoseSetting(name, value, "text", "It is taken as unset.");
    return undefined;
  }
  const text = value.trim();
  return text === "" ? undefined : text;
}
