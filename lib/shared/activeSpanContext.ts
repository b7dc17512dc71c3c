import type { Span, SpanContext } from "@opentelemetry/api";
import { isSpanContextValid, trace } from "@opentelemetry/api";

/** The context of the active span. */
export function activeSpanContext(): SpanContext | undefined {
  return validContext(trace.getActiveSpan());
}

/** The no-op tracer's spans have ids of zeros, which name nothing. */
export function validContext(span: Span | undefined): SpanContext | undefined {
  const spanContext = span?.spanContext();
  return spanContext !== undefined && isSpanContextValid(spanContext) ? spanContext : undefined;
}
