import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from "@opentelemetry/api";
import { trace } from "@opentelemetry/api";
import { isTracingSuppressed, TRACE_PARENT_HEADER, TRACE_STATE_HEADER } from "@opentelemetry/core";
import { legalTraceState, parseTraceState, StrictTraceState } from "./StrictTraceState.js";
import { formatTraceparent, parseTraceparent, RANDOM_FLAG } from "./traceparent.js";

/**
 * W3C trace context as the official propagator carries it, but strict: that one fails five of the 41 tests of the W3C
 * suite at its strictest, and this passes them.
 *
 * - more than one traceparent in a carrier counts as none;
 * - of the flags only `sampled` and `random` are kept, and `random` is passed on by child spans;
 * - a tracestate with an illegal member, or more than 32, is discarded whole, and an empty one not sent;
 * - what the grammar forbids is never written.
 */
export class StrictTraceContextPropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const spanContext = trace.getSpanContext(context);
    if (spanContext === undefined || isTracingSuppressed(context)) return;
    const traceparent = formatTraceparent(spanContext);
    if (traceparent === "") return;
    setter.set(carrier, TRACE_PARENT_HEADER, traceparent);
    const tracestate = legalTraceState(spanContext.traceState);
    if (tracestate !== "") setter.set(carrier, TRACE_STATE_HEADER, tracestate);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const header: unknown = getter.get(carrier, TRACE_PARENT_HEADER);
    const spanContext = parseTraceparent(
      Array.isArray(header) && header.length === 1 ? header[0] : header,
    );
    if (spanContext === undefined) return context;
    const parsed = parseTraceState(getter.get(carrier, TRACE_STATE_HEADER));
    if (parsed !== undefined) {
      const isRandom = (spanContext.traceFlags & RANDOM_FLAG) !== 0;
      spanContext.traceState = new StrictTraceState(parsed, isRandom);
    }
    return trace.setSpanContext(context, spanContext);
  }

  fields(): string[] {
    return [TRACE_PARENT_HEADER, TRACE_STATE_HEADER];
  }
}
