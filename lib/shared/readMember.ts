import { attempt } from "./attempt.js";
import { isObject } from "./isObject.js";

/** A member of any value; undefined if there is none, or if reading it throws. */
export function readMember(value: unknown, name: PropertyKey): unknown {
  try {
    return isObject(value) ? (value as Record<PropertyKey, unknown>)[name] : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A copy of an object's own members, each read separately: a getter that throws gives `instead`. Empty for a value that
 * is not an object, or whose members cannot be listed.
 */
export function readableMembers(value: unknown, instead?: unknown): Record<string, unknown> {
  const names = attempt(() => (isObject(value) ? Object.keys(value) : [])) ?? [];
  const read = (name: string): unknown => {
    try {
      return (value as Record<string, unknown>)[name];
    } catch {
      return instead;
    }
  };
  return Object.fromEntries(names.map((name) => [name, read(name)]));
}
