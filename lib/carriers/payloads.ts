import type { Context, Span, TextMapGetter, TextMapSetter } from "@opentelemetry/api";
import { context as contextApi } from "@opentelemetry/api";
import { adoptMark, MARK_KEY, outgoingMark } from "../failures/mark.js";
import { extractWith, injectWith } from "./propagate.js";

/** The key under which the response of a failed request says that its failure was counted. */
export const PAYLOAD_MARK_KEY = `_${MARK_KEY}`;

/** What telemetry may put at the top of a payload: the W3C names behind an underscore, and the mark. */
const PAYLOAD_KEYS = ["_traceparent", "_tracestate", "_baggage", PAYLOAD_MARK_KEY];

/** A payload that keys can be added to: an object literal or what JSON.parse makes, of any realm. */
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
 * A payload with the context at its top: `_traceparent`, and `_tracestate` and `_baggage` when there is
 * something to say. For Tauri events and invokes, message ports, and frames of a JSON stream.
 *
 * The payload itself is not changed: a plain object comes back as a shallow copy, null and undefined as an
 * object that holds the keys alone. Arrays, scalars and instances of classes come back as they are, and so
 * does everything when there is no span. Never throws.
 *
 * @param context Defaults to the active context.
 */
export function injectPayload(payload: unknown, context: Context = contextApi.active()): unknown {
  const keys: PlainPayload = {};
  injectWith(context, keys, payloadSetter);
  return withKeys(payload, keys);
}

/**
 * Reads the context that `injectPayload` put at the top of a payload. Never throws, and does not change
 * the payload; `stripPayload` gives it without the keys.
 *
 * @param context The context to build on; comes back as it is when the payload holds nothing. Defaults to the
 *   active context.
 */
export function extractPayload(payload: unknown, context: Context = contextApi.active()): Context {
  return extractWith(context, payload, payloadGetter);
}

/**
 * The payload without the keys of telemetry, for handlers that should see what the sender gave: the same
 * payload when it holds none, else a shallow copy. What was null at the sender is an empty object here.
 * Never throws.
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
 * A response payload that says its failure was counted here, in `_land-counted`. To be called when the span
 * has ended; the payload comes back as it is when nothing was counted, or when it cannot carry a key
 * (arrays, scalars). Never changes the payload, never throws.
 */
export function markPayload(payload: unknown, span: Span): unknown {
  const mark = outgoingMark(span);
  return mark === undefined ? payload : withKeys(payload, { [PAYLOAD_MARK_KEY]: mark });
}

/**
 * Takes the mark of a response payload over: its failure is then not counted again by this span, nor by
 * those it passes through as `failure`. To be called before the span ends. Returns whether there was a mark
 * of this trace.
 */
export function adoptPayloadMark(payload: unknown, span: Span, failure?: unknown): boolean {
  try {
    if (!isPlainPayload(payload) || !Object.hasOwn(payload, PAYLOAD_MARK_KEY)) return false;
    return adoptMark(payload[PAYLOAD_MARK_KEY], span, span.spanContext().traceId, failure);
  } catch {
    return false;
  }
}

/** The keys of telemetry that a payload holds. */
export function payloadKeysIn(payload: object): string[] {
  return PAYLOAD_KEYS.filter((key) => Object.hasOwn(payload, key));
}

/** The payload with these keys at its top; itself when there are none, or it cannot hold them. */
function withKeys(payload: unknown, keys: PlainPayload): unknown {
  try {
    if (Object.keys(keys).length === 0) return payload;
    if (payload === null || payload === undefined) return keys;
    if (!isPlainPayload(payload)) return payload;
    const copy = copyOf(payload);
    // A payload that is passed on does not mix the state of its old trace with the new one.
    if ("_traceparent" in keys) delete copy["_tracestate"];
    return Object.assign(copy, keys);
  } catch {
    return payload;
  }
}

/**
 * Whether a payload can be copied. Instances of classes cannot: a shallow copy would not be one, and they may
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

/** A shallow copy with the same prototype. May throw what a getter throws. */
function copyOf(payload: PlainPayload): PlainPayload {
  const copy = { ...payload };
  Object.setPrototypeOf(copy, Object.getPrototypeOf(payload) as object | null);
  return copy;
}
