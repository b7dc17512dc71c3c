import type { Context } from "@opentelemetry/api";
import { context, diag, trace } from "@opentelemetry/api";
import { extractPayload } from "../extractPayload.js";
import { PAYLOAD_KEYS } from "../payloadKeys.js";
import { adoptReceivedMark } from "./countedMember.js";

/** Contexts of payloads whose keys are taken out already: several listeners may get the same one. */
export type Seen = WeakMap<object, Context>;

/**
 * The context that a received payload was sent in; the active one when it says nothing. Its keys are taken
 * out, so that listeners see what the sender posted; the payload is a clone that belongs to this side.
 */
export function receiveTraced(payload: unknown, seen: Seen): Context {
  const active = context.active();
  if (typeof payload !== "object" || payload === null) return active;
  const known = seen.get(payload);
  if (known !== undefined) return known;
  try {
    if (!PAYLOAD_KEYS.some((key) => Object.hasOwn(payload, key))) return active;
    const sender = extractPayload(payload, active);
    const caller = trace.getSpanContext(sender);
    if (caller !== undefined) adoptReceivedMark(payload, caller.traceId, caller.spanId);
    for (const key of Object.keys(payload).reverse())
      if (PAYLOAD_KEYS.includes(key)) Reflect.deleteProperty(payload, key);
    seen.set(payload, sender);
    return sender;
  } catch (error) {
    diag.error("land-telemetry: a received message could not be traced", error);
    return active;
  }
}
