import type { SpanContext } from "@opentelemetry/api";
import { parseTraceParent } from "@opentelemetry/core";
import { canonicalTraceparent } from "./canonicalTraceparent.js";
import { RANDOM_TRACE_STATE } from "./StrictTraceState.js";
import { KNOWN_FLAGS, RANDOM_FLAG } from "./traceFlags.js";

/**
 * Reads one `traceparent`, strictly by W3C Trace Context Level 2, and by its rules for versions after 00.
 * The span context is remote. Undefined for anything else; never throws.
 */
export function parseTraceparent(text: unknown): SpanContext | undefined {
  const canonical = typeof text === "string" ? canonicalTraceparent(text) : undefined;
  const parsed = canonical === undefined ? null : parseTraceParent(canonical);
  if (parsed === null) return undefined;
  const traceFlags = parsed.traceFlags & KNOWN_FLAGS;
  const { traceId, spanId } = parsed;
  if ((traceFlags & RANDOM_FLAG) === 0) return { traceId, spanId, traceFlags, isRemote: true };
  return { traceId, spanId, traceFlags, isRemote: true, traceState: RANDOM_TRACE_STATE };
}
