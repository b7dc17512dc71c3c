import type { Context, TextMapGetter, TextMapSetter } from "@opentelemetry/api";
import { trace } from "@opentelemetry/api";
import {
  TRACE_PARENT_HEADER,
  TRACE_STATE_HEADER,
  W3CTraceContextPropagator,
} from "@opentelemetry/core";
import {
  legalTraceState,
  parseTraceState,
  RANDOM_TRACE_STATE,
  StrictTraceState,
} from "./StrictTraceState.js";
import {
  canonicalTraceparent,
  formatTraceparent,
  KNOWN_FLAGS,
  parseTraceparent,
  RANDOM_FLAG,
} from "./traceparent.js";

/** Passes one checked traceparent to the official propagator; the trace state is read by our own grammar. */
const TRACEPARENT_ONLY: TextMapGetter<string> = {
  get: (traceparent, key) => (key === TRACE_PARENT_HEADER ? traceparent : undefined),
  keys: () => [TRACE_PARENT_HEADER],
};

/**
 * The official W3C trace context propagator, made strict by checking what it is given: on its own it fails five of
 * the 41 tests of the W3C suite at its strictest, and this class passes them.
 *
 * - more than one traceparent in a carrier counts as none;
 * - of the flags only `sampled` and `random` are kept, and `random` is passed on by child spans;
 * - a tracestate with an illegal member, or with more than 32, is discarded whole, and an empty one is not sent;
 * - what the grammar forbids is never written.
 */
export class StrictTraceContextPropagator extends W3CTraceContextPropagator {
  override inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const spanContext = trace.getSpanContext(context);
    const legal = spanContext && parseTraceparent(formatTraceparent(spanContext));
    if (legal === undefined) return;
    const { traceId, spanId, traceFlags } = legal;
    const traceState = legalTraceState(spanContext?.traceState);
    const strict = { traceId, spanId, traceFlags, ...(traceState && { traceState }) };
    super.inject(trace.setSpanContext(context, strict), carrier, setter);
  }

  override extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const header: unknown = getter.get(carrier, TRACE_PARENT_HEADER);
    const text: unknown = Array.isArray(header) && header.length === 1 ? header[0] : header;
    const traceparent = typeof text === "string" ? canonicalTraceparent(text) : undefined;
    if (traceparent === undefined) return context;
    const extracted = super.extract(context, traceparent, TRACEPARENT_ONLY);
    const spanContext = trace.getSpanContext(extracted);
    if (extracted === context || spanContext === undefined) return context;
    // The official propagator has just made this object, and nobody else has seen it yet.
    spanContext.traceFlags &= KNOWN_FLAGS;
    const isRandom = (spanContext.traceFlags & RANDOM_FLAG) !== 0;
    const members = parseTraceState(getter.get(carrier, TRACE_STATE_HEADER));
    if (members !== undefined) spanContext.traceState = new StrictTraceState(members, isRandom);
    else if (isRandom) spanContext.traceState = RANDOM_TRACE_STATE;
    return extracted;
  }
}
