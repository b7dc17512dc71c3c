import type { Span } from "@opentelemetry/api";
import { adoptMark, outgoingMark } from "../failures/mark.js";
import { copyPayload, isPlainPayload, PAYLOAD_MARK_KEY } from "./payloadKeys.js";

/**
 * A response payload that says its failure was counted here, in `_land-counted`. To be called when the span
 * has ended; the payload comes back as it is when nothing was counted, or when it cannot carry a key
 * (arrays, scalars). Never changes the payload, never throws.
 */
export function markPayload(payload: unknown, span: Span): unknown {
  const mark = outgoingMark(span);
  if (mark === undefined) return payload;
  try {
    if (payload === null || payload === undefined) return { [PAYLOAD_MARK_KEY]: mark };
    return isPlainPayload(payload)
      ? Object.assign(copyPayload(payload), { [PAYLOAD_MARK_KEY]: mark })
      : payload;
  } catch {
    return payload;
  }
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
