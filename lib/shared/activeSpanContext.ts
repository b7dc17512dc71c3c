import type { Span, SpanContext } from "@opentelemetry/api";
import { isSpanContextValid, trace } from "@opentelemetry/api";

/** The context of the active span; undefined if there is none, or it is not valid. */
export function activeSpanContext(): SpanContext | undefined {
  return validContext(trace.getActiveSpan());
}

/** The context of a span; undefined if it is not valid, as for the no-op tracer's spans, whose ids are all zeros. */
export function validContext(span: Span | undefined): SpanContext | undefined {
  const spanContext = span?.spanContext();
  return spanContext !== undefined && isSpanContextValid(spanContext) ? spanContext : undefined;
}
