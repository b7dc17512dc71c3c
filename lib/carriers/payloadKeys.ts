import { MARK_KEY } from "../failures/mark.js";

/** The keys at the top of a payload are the W3C names behind this. */
const PREFIX = "_";

/** The payload key for a name of a carrier: `_traceparent` for `traceparent`. */
export function payloadKey(name: string): string {
  switch (name) {
    case "traceparent":
      return "_traceparent";
    case "tracestate":
      return "_tracestate";
    case "baggage":
      return "_baggage";
    default:
      return PREFIX + name;
  }
}

/** The key under which the response of a failed request says that its failure was counted. */
export const PAYLOAD_MARK_KEY = `_${MARK_KEY}`;

/** What telemetry may put at the top of a payload. */
export const PAYLOAD_KEYS: readonly string[] = [
  "_traceparent",
  "_tracestate",
  "_baggage",
  PAYLOAD_MARK_KEY,
];

/** A payload that keys can be added to: an object literal or what JSON.parse makes, of any realm. */
export type PlainPayload = Record<string, unknown>;

/**
 * Whether a payload is such an object. Instances of classes are not: a shallow copy would not be one, and
 * they may have a JSON form of their own.
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

/** A shallow copy with the same prototype; `without` leaves keys out. May throw what a getter throws. */
export function copyPayload(payload: PlainPayload, without: readonly string[] = []): PlainPayload {
  const copy: PlainPayload =
    Object.getPrototypeOf(payload) === null
      ? Object.assign(Object.create(null) as PlainPayload, payload)
      : { ...payload };
  for (const key of without) Reflect.deleteProperty(copy, key);
  return copy;
}
