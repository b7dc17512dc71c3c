import type { Context, TextMapSetter } from "@opentelemetry/api";
import { context as contextApi } from "@opentelemetry/api";
import { copyPayload, isPlainPayload, payloadKey } from "./payloadKeys.js";
import type { PlainPayload } from "./payloadKeys.js";
import { injectWith } from "./propagate.js";

const payloadSetter: TextMapSetter<PlainPayload> = {
  set: (payload, name, value) => (payload[payloadKey(name)] = value),
};

/**
 * A payload with the context at its top: `_traceparent`, and `_tracestate` and `_baggage` when there is
 * something to say. For Tauri events and invokes, message ports, and frames of a JSON stream.
 *
 * The payload itself is not changed: a plain object comes back as a shallow copy, null and undefined as an
 * object that holds the keys alone. Arrays, scalars and instances of classes come back as they are, and so
 * does everything when there is no span to tell of. Never throws.
 *
 * @param context Defaults to the active context.
 */
export function injectPayload(payload: unknown, context: Context = contextApi.active()): unknown {
  try {
    if (payload !== null && payload !== undefined && !isPlainPayload(payload)) return payload;
    const keys: PlainPayload = {};
    injectWith(context, keys, payloadSetter);
    return Object.keys(keys).length === 0 ? payload : withKeys(payload, keys);
  } catch {
    return payload;
  }
}

function withKeys(payload: PlainPayload | null | undefined, keys: PlainPayload): PlainPayload {
  if (payload === null || payload === undefined) return keys;
  // A payload that is passed on does not mix the state of its old trace with the new one.
  const copy = copyPayload(payload);
  if (keys["_traceparent"] !== undefined && "_tracestate" in copy) delete copy["_tracestate"];
  for (const key of Object.keys(keys)) copy[key] = keys[key];
  return copy;
}
