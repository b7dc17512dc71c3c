import { attempt } from "../shared/attempt.js";
import { isObject } from "../shared/isObject.js";
import { readMember } from "../shared/readMember.js";

/** A value with more characters than this is not a setting. */
const MAX_LENGTH = 4_096;
/** Maximum number of names read from one object. */
const MAX_NAMES = 500;
const OFF = /^\s*(?:false|0|off|no)\s*$/i;

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Merges two sources of variables. The first wins, except that an off in the second always counts. Values that are not
 * strings, numbers or booleans are left out.
 */
export function mergeVariables(first: unknown, second: unknown): Variables {
  const others = variablesOf(second);
  const variables: Record<string, string> = { ...others, ...variablesOf(first) };
  for (const [name, value] of Object.entries(others)) if (OFF.test(value)) variables[name] = value;
  return variables;
}

function variablesOf(source: unknown): Record<string, string> {
  const variables: Record<string, string> = {};
  const names = attempt(() => (isObject(source) ? Object.keys(source) : [])) ?? [];
  for (const name of names.slice(0, MAX_NAMES)) {
    const value = readMember(source, name);
    if (typeof value !== "string" && typeof value !== "boolean" && typeof value !== "number")
      continue;
    const text = String(value);
    if (text.length <= MAX_LENGTH && name !== "__proto__") variables[name] = text;
  }
  return variables;
}
