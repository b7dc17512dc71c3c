import { attempt } from "./attempt.js";
import { isObject } from "./isObject.js";

/** A member of anything; undefined when it has none or does not let it be read. */
export function readMember(value: unknown, name: PropertyKey): unknown {
  try {
    return isObject(value) ? (value as Record<PropertyKey, unknown>)[name] : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The own members of an object, each read on its own: a getter that throws gives `instead`. Nothing of what is no
 * object, or does not even say which members it has.
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
