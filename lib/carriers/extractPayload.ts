import type { Context, TextMapGetter } from "@opentelemetry/api";
import { context as contextApi } from "@opentelemetry/api";
import { isPlainPayload, payloadKey } from "./payloadKeys.js";
import { extractWith } from "./propagate.js";

const payloadGetter: TextMapGetter<unknown> = {
  get(payload, name) {
    const key = payloadKey(name);
    if (!isPlainPayload(payload) || !Object.hasOwn(payload, key)) return undefined;
    const value = payload[key];
    return typeof value === "string" ? value : undefined;
  },
  keys: (payload) => (isPlainPayload(payload) ? Object.keys(payload) : []),
};

/**
 * Reads the context that `injectPayload` put at the top of a payload. Never throws, and does not change
 * the payload; `stripPayload` gives it without the keys.
 *
 * @param context What the result is built on, and what it is when the payload holds nothing. Defaults to
 *   the active context.
 */
export function extractPayload(payload: unknown, context: Context = contextApi.active()): Context {
  return extractWith(context, payload, payloadGetter);
}
