import type { SpanContext } from "@opentelemetry/api";
import { isSpanContextValid } from "@opentelemetry/api";
import { outgoingFlags } from "./traceFlags.js";

/**
 * The `traceparent` of a span context, as W3C Trace Context writes it: `00-<trace id>-<span id>-<flags>`.
 * The empty string when the context is not valid, since there is no traceparent that says "none".
 */
export function formatTraceparent(spanContext: SpanContext): string {
  if (!isSpanContextValid(spanContext)) return "";
  return `00-${spanContext.traceId.toLowerCase()}-${spanContext.spanId.toLowerCase()}-${outgoingFlags(spanContext)}`;
}
