import { diagnoseSetting } from "../shared/diagnose.js";

const FALSE: ReadonlySet<string> = new Set(["false", "0", "off", "no"]);
const TRUE: ReadonlySet<string> = new Set(["true", "1", "on", "yes"]);

/**
 * Reads a switch as every tier should: trimmed, in any letter case. Empty and unset are undefined; anything
 * else than the accepted words is reported and taken as unset.
 */
export function parseBoolean(name: string, value: unknown): boolean | undefined {
  if (value === undefined || value === null || typeof value === "boolean")
    return value ?? undefined;
  const word =
    typeof value === "string" || typeof value === "number"
      ? value.toString().trim().toLowerCase()
      : "?";
  if (word === "") return undefined;
  if (TRUE.has(word)) return true;
  if (FALSE.has(word)) return false;
  diagnoseSetting(name, value, "true, 1, on, yes, false, 0, off, no", "It is taken as unset.");
  return undefined;
}
