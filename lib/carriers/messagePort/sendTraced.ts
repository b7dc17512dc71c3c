import { context, diag, trace } from "@opentelemetry/api";
import { globalState } from "../../shared/globalState.js";
import { injectPayload } from "../injectPayload.js";
import { PAYLOAD_KEYS, PAYLOAD_MARK_KEY } from "../payloadKeys.js";
import { markToSend } from "./countedMember.js";

/**
 * Posts a value with the keys of the active context at its top, where it is an object that can hold them.
 *
 * The keys are on the value itself while it is being cloned, and taken away before this returns: a copy
 * would cut the cycles and shared parts that the structured clone keeps. Only a value that takes no keys
 * (frozen) is copied.
 */
export function sendTraced<T>(value: unknown, post: (value: unknown) => T): T {
  const keys = isKeyed(value) ? keysFor(value) : undefined;
  if (keys === undefined) return post(value);
  if (!Object.isExtensible(value)) return post({ ...(value as object), ...keys });
  const added: string[] = [];
  try {
    addKeys(value as object, keys, added);
    return post(value);
  } finally {
    // The last first: the object gets its former shape back, not a slower one.
    for (const key of added.reverse()) Reflect.deleteProperty(value as object, key);
  }
}

function addKeys(value: object, keys: Readonly<Record<string, unknown>>, added: string[]): void {
  for (const key of Object.keys(keys)) {
    Object.defineProperty(value, key, {
      value: keys[key],
      configurable: true,
      enumerable: true,
      writable: true,
    });
    added.push(key);
  }
}

/** Object literals, objects without a prototype, and instances of classes, which arrive as such. */
function isKeyed(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  try {
    if (PAYLOAD_KEYS.some((key) => Object.hasOwn(value, key))) return false;
    return Object.prototype.toString.call(value) === "[object Object]";
  } catch {
    return false;
  }
}

function keysFor(value: object): Readonly<Record<string, unknown>> | undefined {
  if (globalState().runtime?.tracing !== true && trace.getSpan(context.active()) === undefined)
    return undefined;
  try {
    const keys = injectPayload({}) as Record<string, unknown>;
    const mark = markToSend(value);
    if (mark !== undefined) keys[PAYLOAD_MARK_KEY] = mark;
    return Object.keys(keys).length === 0 ? undefined : keys;
  } catch (error) {
    diag.error("land-telemetry: a message could not be traced", error);
    return undefined;
  }
}
