import type { Context, Span, SpanOptions, Tracer } from "@opentelemetry/api";
import { INVALID_SPAN_CONTEXT, context, diag, trace } from "@opentelemetry/api";

/** What stands for no parent at all; it holds nothing, so that one serves all. */
let nothing: Span | undefined;

/**
 * A span that records nothing and stands for its parent, as the API's no-op tracer makes it. It leaves the
 * active context alone, which makes it cheaper than that.
 */
export function inertSpan(parent: Context = context.active()): Span {
  const above = trace.getSpan(parent);
  return above === undefined
    ? (nothing ??= trace.wrapSpanContext(INVALID_SPAN_CONTEXT))
    : trace.wrapSpanContext(above.spanContext());
}

/** Starts a span. A sampler, processor or attribute that throws costs the span, never the caller's work. */
export function startQuietly(
  tracer: Tracer,
  name: string,
  options: SpanOptions,
  parent: Context,
): Span {
  try {
    return tracer.startSpan(name, options, parent);
  } catch (error) {
    diag.error("land-telemetry: a span could not be started", error);
    return inertSpan(parent);
  }
}

/** Ends a span if nobody has, and keeps to itself what a processor throws there. */
export function endQuietly(span: Span, endTime?: Parameters<Span["end"]>[0]): void {
  try {
    if (span.isRecording()) span.end(endTime);
  } catch (error) {
    diag.error("land-telemetry: a span could not be ended", error);
  }
}
