import type { Context, Span, TextMapGetter, TextMapSetter } from "@opentelemetry/api";
import { context as contextApi } from "@opentelemetry/api";
import { adoptMark, MARK_KEY, outgoingMark } from "../failures/mark.js";
import { extractWith, injectWith } from "./propagate.js";

/** The key by which the response to a failed request says that its failure was counted. */
export const PAYLOAD_MARK_KEY = `_${MARK_KEY}`;

/** What telemetry may put at the top level of a payload: the W3C names with an underscore in front, and the mark. */
const PAYLOAD_KEYS = ["_traceparent", "_tracestate", "_baggage", PAYLOAD_MARK_KEY];

/** A payload that keys can be added to: an object literal or a result of JSON.parse, of any realm. */
type PlainPayload = Record<string, unknown>;

const payloadSetter: TextMapSetter<PlainPayload> = {
  set: (payload, name, value) => (payload[`_${name}`] = value),
};

const payloadGetter: TextMapGetter<unknown> = {
  get(payload, name) {
    const key = `_${name}`;
    if (!isPlainPayload(payload) || !Object.hasOwn(payload, key)) return undefined;
    const value = payload[key];
    return typeof value === "string" ? value : undefined;
  },
  keys: (payload) => (isPlainPayload(payload) ? Object.keys(payload) : []),
};

/**
 * A payload with the context at its top level: `_traceparent`, and `_tracestate` and `_baggage` unless they are
 * empty. For Tauri events and invokes, message ports, and frames of a JSON stream.
 *
 * The payload itself is not changed: a plain object is copied shallowly, and null and undefined become an object that
 * holds only the keys. Arrays, scalars and class instances are returned as they are, and so is everything when the
 * context has neither a span nor baggage. Never throws.
 *
 * @param context Defaults to the active context.
 */
export function injectPayload(payload: unknown, context: Context = contextApi.active()): unknown {
  const keys: PlainPayload = {};
  injectWith(context, keys, payloadSetter);
  return withKeys(payload, keys);
}

/**
 * Reads the context that `injectPayload` put at the top level of a payload. Never throws, and does not change the
 * payload; `stripPayload` returns it without the keys.
 *
 * @param context The context to build on; returned as it is when the payload holds nothing. Defaults to the active
 *   context.
 */
export function extractPayload(payload: unknown, context: Context = contextApi.active()): Context {
  return extractWith(context, payload, payloadGetter);
}

/**
 * The payload without telemetry's keys, for handlers that should see what the sender passed: the same payload when it
 * holds none, otherwise a shallow copy. A payload that was null at the sender is an empty object here. Never throws.
 */
export function stripPayload(payload: unknown): unknown {
  try {
    if (!isPlainPayload(payload)) return payload;
    const keys = payloadKeysIn(payload);
    if (keys.length === 0) return payload;
    const copy = copyOf(payload);
    for (const key of keys) Reflect.deleteProperty(copy, key);
    return copy;
  } catch {
    return payload;
  }
}

/**
 * A response payload that says, in `_land-counted`, that its failure was counted here. Call it after the span has
 * ended. The payload is returned as it is when nothing was counted, or when it cannot hold a key (arrays, scalars).
 * Never changes the payload, never throws.
 */
export function markPayload(payload: unknown, span: Span): unknown {
  const mark = outgoingMark(span);
  return mark === undefined ? payload : withKeys(payload, { [PAYLOAD_MARK_KEY]: mark });
}

/**
 * Takes over the mark of a response payload: neither this span nor those that the failure passes through as `failure`
 * count it again. Call it before the span ends. Returns whether there was a mark of this trace.
 */
export function adoptPayloadMark(payload: unknown, span: Span, failure?: unknown): boolean {
  try {
    if (!isPlainPayload(payload) || !Object.hasOwn(payload, PAYLOAD_MARK_KEY)) return false;
    return adoptMark(payload[PAYLOAD_MARK_KEY], span, span.spanContext().traceId, failure);
  } catch {
    return false;
  }
}

/** Telemetry's keys that a payload holds. */
export function payloadKeysIn(payload: object): string[] {
  return PAYLOAD_KEYS.filter((key) => Object.hasOwn(payload, key));
}

/** The payload with these keys at its top level; the payload itself when there are none or it cannot hold them. */
function withKeys(payload: unknown, keys: PlainPayload): unknown {
  try {
    if (Object.keys(keys).length === 0) return payload;
    if (payload === null || payload === undefined) return keys;
    if (!isPlainPayload(payload)) return payload;
    const copy = copyOf(payload);
    // A payload that is passed on must not mix the state of its old trace with the new one.
    if ("_traceparent" in keys) delete copy["_tracestate"];
    return Object.assign(copy, keys);
  } catch {
    return payload;
  }
}

/**
 * Whether a payload can be copied. Class instances cannot: a shallow copy would not be a real instance, and they may
 * have a JSON form of their own.
 */
export function isPlainPayload(payload: unknown): payload is PlainPayload {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) return false;
  const prototype: unknown = Object.getPrototypeOf(payload);
  return (
    prototype === null ||
    prototype === Object.prototype ||
    (Object.getPrototypeOf(prototype) === null &&
      Object.hasOwn(prototype as object, "hasOwnProperty"))
  );
}

/** A shallow copy with the same prototype. Throws what a getter throws. */
function copyOf(payload: PlainPayload): PlainPayload {
  const copy = { ...payload };
  Object.setPrototypeOf(copy, Object.getPrototypeOf(payload) as object | null);
  return copy;
}
