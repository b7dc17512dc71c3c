import type { Exception, HrTime, Span as ApiSpan, TimeInput } from "@opentelemetry/api";
import { isSpanContextValid } from "@opentelemetry/api";
import { hrTimeToMilliseconds, millisToHrTime } from "@opentelemetry/core";
import type { ReadableSpan, Span, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { explainFailure } from "../failures/explainFailure.js";
import { rememberFailure } from "../failures/recordFailure.js";
import { settleFailure } from "../failures/settleFailure.js";
import { NO_TIME, redactSpan, timeOf } from "../redaction/redactSpan.js";
import {
  ATTR_LAND_CANCELLED,
  ATTR_LAND_UNFINISHED,
  ATTR_POSTHOG_DISTINCT_ID,
  ATTR_POSTHOG_EVENT,
} from "../resource/semanticConventions.js";
import { attempt } from "../shared/attempt.js";
import { globalState } from "../shared/globalState.js";
import { errorDetails } from "./errorDetails.js";
import { errorProperties } from "./errorProperties.js";
import type { EventContext } from "./PostHogEvent.js";
import { sendException } from "./sendException.js";
import type { SelectedEvent } from "./spanToEvent.js";
import {
  failureOfSpan,
  handlerProperties,
  selectEvent,
  sessionOf,
  spanToEvent,
  tierOf,
} from "./spanToEvent.js";

/** Clocks that differ by less than this, in ms, are taken to agree: the event then gets the end of its span. */
const MAX_DRIFT_MS = 100;

/** Spans whose end time the caller gave. */
const givenEnds = new WeakSet<object>();

/**
 * Mirrors error and session spans of our provider or a host's into PostHog events.
 *
 * Spans are chosen in `onEnding`, while attributes can still be set, so that a mirrored span carries `posthog.event`
 * and `posthog.distinct_id`. The event is built in `onEnd`, when the span can no longer change.
 */
export class MirrorSpanProcessor implements SpanProcessor {
  readonly #context: EventContext | undefined;
  /** Choices made in `onEnding`, for `onEnd`. */
  readonly #chosen = new WeakMap<ReadableSpan, SelectedEvent>();
  /** False in SDK lines without `onEnding`: spans are chosen in `onEnd`, when attributes can no longer be set. */
  #hasOnEnding = false;

  /** @param context Undefined if the pipe is off; nothing is mirrored then. */
  constructor(context: EventContext | undefined) {
    this.#context = context;
  }

  onStart(span: Span): void {
    if (this.#context === undefined) return;
    // The mirror has to see the Error itself, of which the span keeps only strings, and whether an end time was given.
    // All spans share these functions.
    span.recordException = recordAndRemember;
    span.end = endAndRemember;
  }

  onEnding(span: Span): void {
    this.#hasOnEnding = true;
    const selected = this.#choose(span);
    if (selected === undefined) return;
    this.#chosen.set(span, selected);
    attempt(() => {
      span.setAttribute(ATTR_POSTHOG_EVENT, selected.event);
      const distinctId = this.#context?.configuration.posthog.distinctId;
      if (span.attributes[ATTR_POSTHOG_DISTINCT_ID] === undefined && distinctId !== undefined)
        span.setAttribute(ATTR_POSTHOG_DISTINCT_ID, distinctId);
    });
  }

  onEnd(span: ReadableSpan): void {
    const selected = this.#hasOnEnding ? this.#chosen.get(span) : this.#choose(span);
    if (selected === undefined || this.#context === undefined) return;
    const context = this.#context;
    read(context, span, (readable) => send(context, readable, selected));
  }

  forceFlush(): Promise<void> {
    return this.#context?.pipe.release() ?? Promise.resolve();
  }

  /** Only flushes: the pipe outlives the provider, and its owner closes it. */
  shutdown(): Promise<void> {
    return this.forceFlush();
  }

  #choose(span: ReadableSpan): SelectedEvent | undefined {
    const context = this.#context;
    if (context === undefined) return undefined;
    // The death of a process is a single event, not one for each span that was open.
    if (attempt(() => span.attributes[ATTR_LAND_UNFINISHED]) === true) return undefined;
    return read(context, span, (readable) => {
      const selected = selectEvent(readable, context.configuration);
      return selected && admit(context, readable, selected);
    });
  }
}

/**
 * Reads a span. If it breaks the interface, as one from a host's provider may, reads a copy of whatever is readable.
 * Undefined if that fails too, as when the host's `mirror` function throws.
 */
function read<T>(
  { redactor }: EventContext,
  span: ReadableSpan,
  reader: (readable: ReadableSpan) => T,
): T | undefined {
  try {
    return reader(span);
  } catch {
    return attempt(() => reader(redactSpan(redactor, span)));
  }
}

/** The selection if it may be sent, with the tag that the option `ignoreErrors` may give its error; else undefined. */
function admit(
  { pipe, configuration }: EventContext,
  span: ReadableSpan,
  selected: SelectedEvent,
): SelectedEvent | undefined {
  const { kind, event } = selected;
  const { feature, ok } = handlerProperties(span);
  const spanContext = span.spanContext();
  if (kind === "session") return selected;
  if (kind === "handler") {
    const durationMs = hrTimeToMilliseconds(timeOf(span.duration, NO_TIME));
    const cancelled = span.attributes[ATTR_LAND_CANCELLED] === true;
    const run = { event, feature, durationMs, ok, cancelled, span: spanContext };
    return pipe.admitRun({ ...run, tier: tierOf(span, configuration) }) ? selected : undefined;
  }
  if (ok) return pipe.admit(event, undefined) ? selected : undefined;
  const { error_tag: tag, error_message: text } = errorProperties(span);
  const { traceId, spanId } = spanContext;
  const parent = span.parentSpanContext;
  // An invalid id belongs to no span, or to many.
  const parentSpanId = parent && isSpanContextValid(parent) ? parent.spanId : undefined;
  if (!settleFailure({ span, traceId, spanId, parentSpanId, text })) return undefined;
  const said = pipe.tagOf(failureOfSpan(span), tag, "span");
  return said !== undefined && pipe.admit(event, said) ? { ...selected, tag: said } : undefined;
}

function send(context: EventContext, span: ReadableSpan, selected: SelectedEvent): void {
  const isError = selected.kind === "error";
  const failure = isError ? explainFailure(failureOfSpan(span)) : undefined;
  const details = failure && errorDetails(failure, "span", context.redactor);
  const event = spanToEvent(span, selected, context, dateOf(span), details);
  context.pipe.send(event);
  if (selected.kind === "session") globalState().sessionMirrored = true;
  if (failure === undefined || !context.configuration.posthog.errorTracking) return;
  sendException(context, {
    failure,
    origin: "span",
    tier: tierOf(span, context.configuration),
    sessionId: sessionOf(span, context),
    distinctId: event.distinctId,
    timestamp: event.timestamp,
    span: span.spanContext(),
    mirrored: true,
  });
}

/**
 * The end time of a span that is ending now. The SDK adds elapsed monotonic time to the start, but that clock stops
 * while the machine sleeps and ignores corrections of the wall clock. An end time that a caller gave is trusted.
 */
function dateOf(span: ReadableSpan): HrTime {
  const now = Date.now();
  const isDrifted = Math.abs(now - hrTimeToMilliseconds(span.endTime)) >= MAX_DRIFT_MS;
  return isDrifted && !givenEnds.has(span) ? millisToHrTime(now) : span.endTime;
}

function endAndRemember(this: ApiSpan, endTime?: TimeInput): void {
  if (endTime !== undefined) givenEnds.add(this);
  const prototype = Object.getPrototypeOf(this) as ApiSpan;
  prototype.end.call(this, endTime);
}

function recordAndRemember(this: ApiSpan, exception: Exception, time?: TimeInput): void {
  rememberFailure(this, exception);
  const prototype = Object.getPrototypeOf(this) as ApiSpan;
  prototype.recordException.call(this, exception, time);
}
