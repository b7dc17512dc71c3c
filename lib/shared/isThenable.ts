import { isObject } from "./isObject.js";

/** Whether a value is a promise or answers like one. A `then` that throws when read is none. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (!isObject(value)) return false;
  try {
    return typeof (value as { then?: unknown }).then === "function";
  } catch {
    return false;
  }
}
