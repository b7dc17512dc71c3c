import { diagnoseSetting } from "../shared/diagnose.js";
import { REDACTED } from "./labels.js";
import type { PrivacyOptions, PrivacyPattern } from "./PrivacyOptions.js";

/** What the caller's own patterns and function make of a value. */
export type OwnRules = (value: string, key: string | undefined) => string;

const DEFAULT_NAME = "redacted";

/** The caller's patterns and function as one step, or undefined when there are none. A throw redacts the whole value. */
export function ownRules(options: PrivacyOptions): OwnRules | undefined {
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
