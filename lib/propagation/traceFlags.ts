import type { SpanContext } from "@opentelemetry/api";
import { isRandom } from "./StrictTraceState.js";

/** The bit that says the rightmost 56 bits of the trace id are random (W3C Trace Context Level 2). */
export const RANDOM_FLAG = 0x02;
/** `sampled` and `random`: "Vendors MUST set" all others "to zero". */
export const KNOWN_FLAGS = 0x03;

/** The flags to write for a span context, as two digits: its own, and the random bit of its trace. */
export function outgoingFlags(spanContext: SpanContext): string {
  const random =
    spanContext.traceState !== undefined && isRandom(spanContext.traceState) ? RANDOM_FLAG : 0;
  return `0${(spanContext.traceFlags & KNOWN_FLAGS) | random}`;
}
