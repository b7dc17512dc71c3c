import type {
  Context,
  SpanContext,
  TextMapGetter,
  TextMapPropagator,
  TextMapSetter,
} from "@opentelemetry/api";
import { trace } from "@opentelemetry/api";
import {
  TRACE_PARENT_HEADER,
  TRACE_STATE_HEADER,
  W3CTraceContextPropagator,
} from "@opentelemetry/core";
import { canonicalTraceparent } from "./canonicalTraceparent.js";
import { parseTraceState } from "./parseTraceState.js";
import { isStrict, RANDOM_TRACE_STATE, StrictTraceState } from "./StrictTraceState.js";
import { KNOWN_FLAGS, outgoingFlags, RANDOM_FLAG } from "./traceFlags.js";

/** Where the flags of a traceparent begin. */
const FLAGS_START = 53;

/** The API takes ids in upper case for valid; the grammar of the header does not. */
const UPPER_CASE = /[A-F]/;

/** What the official propagator would have written. */
interface Written {
  traceparent?: string;
  tracestate?: string;
}

/** Gives the official propagator one checked traceparent; trace state is read by our own grammar. */
const checkedGetter: TextMapGetter<string> = {
  get: (traceparent, key) => (key === TRACE_PARENT_HEADER ? traceparent : undefined),
  keys: () => [TRACE_PARENT_HEADER],
};

/** Takes what the official propagator writes, before it reaches the carrier. */
const capturingSetter: TextMapSetter<Written> = {
  set: (written, key, value) => {
    if (key === TRACE_PARENT_HEADER) written.traceparent = value;
    else if (key === TRACE_STATE_HEADER) written.tracestate = value;
  },
};

/**
 * The official W3C trace context propagator, made strict by what it is given to read and by what is done
 * with what it writes. It fails five of the 41 tests of the W3C suite at its strictest; this passes them.
 *
 * - more than one traceparent in a carrier counts as none;
 * - of the flags only `sampled` and `random` are kept, and `random` is passed on by child spans;
 * - a tracestate with an illegal member, or more than 32, is discarded whole, and an empty one not sent;
 * - what the grammar forbids is never written.
 */
export class StrictTraceContextPropagator implements TextMapPropagator {
  readonly #official = new W3CTraceContextPropagator();

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const spanContext = trace.getSpanContext(context);
    if (spanContext === undefined) return;
    if (isWrittenRightly(spanContext)) {
      this.#official.inject(context, carrier, setter);
      return;
    }
    const written: Written = {};
    this.#official.inject(context, written, capturingSetter);
    const { traceparent, tracestate } = written;
    if (traceparent === undefined) return;
    // The official one writes upper case ids as they are, and three digits for flags above 15.
    setter.set(
      carrier,
      TRACE_PARENT_HEADER,
      traceparent.slice(0, FLAGS_START).toLowerCase() + outgoingFlags(spanContext),
    );
    if (tracestate === undefined || tracestate === "" || spanContext.traceState === undefined)
      return;
    const legal = isStrict(spanContext.traceState) ? tracestate : legalTraceState(tracestate);
    if (legal !== "") setter.set(carrier, TRACE_STATE_HEADER, legal);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const traceparent = canonicalTraceparent(getter.get(carrier, TRACE_PARENT_HEADER));
    if (traceparent === undefined) return context;
    const extracted = this.#official.extract(context, traceparent, checkedGetter);
    if (extracted === context) return context;
    const tracestate = getter.get(carrier, TRACE_STATE_HEADER);
    if (tracestate === undefined && saysNoMoreThanSampled(traceparent)) return extracted;
    const spanContext = trace.getSpanContext(extracted);
    if (spanContext === undefined) return context;
    // The object is the official propagator's own, made by this call and seen by nobody else yet.
    spanContext.traceFlags &= KNOWN_FLAGS;
    const random = (spanContext.traceFlags & RANDOM_FLAG) !== 0;
    const parsed = parseTraceState(tracestate);
    if (parsed !== undefined) spanContext.traceState = new StrictTraceState(parsed, random);
    else if (random) spanContext.traceState = RANDOM_TRACE_STATE;
    return extracted;
  }

  fields(): string[] {
    return this.#official.fields();
  }
}

/** The usual flags, in which there is nothing to correct. */
function saysNoMoreThanSampled(traceparent: string): boolean {
  return traceparent.endsWith("-01") || traceparent.endsWith("-00");
}

/** The usual case, in which the official propagator needs no correction. */
function isWrittenRightly({ traceState, traceFlags, traceId, spanId }: SpanContext): boolean {
  return (
    traceState === undefined &&
    (traceFlags & KNOWN_FLAGS) === traceFlags &&
    !UPPER_CASE.test(traceId) &&
    !UPPER_CASE.test(spanId)
  );
}

/** A host's own trace state can hold anything. */
function legalTraceState(text: string): string {
  const parsed = parseTraceState(text);
  return parsed === undefined ? "" : new StrictTraceState(parsed, false).serialize();
}
