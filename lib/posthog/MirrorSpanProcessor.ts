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

/** Clocks that are no further apart agree, in ms: the event then has the end that its span has. */
const MAX_DRIFT_MS = 100;

/** Spans whose end the caller gave. */
const givenEnds = new WeakSet<object>();

/**
 * Mirrors error and session spans into PostHog events, of our provider or of a host's.
 *
 * The choice is made in `onEnding`, while attributes can still be set, so that a mirrored span carries
 * `posthog.event` and `posthog.distinct_id`; the event is built in `onEnd`, when the span cannot change any more.
 */
export class MirrorSpanProcessor implements SpanProcessor {
  readonly #context: EventContext | undefined;
  /** Choices made in `onEnding`, which the span's `onEnd` picks up. */
  readonly #chosen = new WeakMap<ReadableSpan, SelectedEvent>();
  /** SDK lines before `onEnding` choose in `onEnd`; there the span's attributes cannot be set any more. */
  #hasOnEnding = false;

  /** @param context Without one, as when the pipe is off, nothing is mirrored. */
  constructor(context: EventContext | undefined) {
    this.#context = context;
  }

  onStart(span: Span): void {
    if (this.#context === undefined) return;
    // The mirror has to see the Error itself, of which the span keeps only the text, and whether an end was given. One
    // function is shared by all spans.
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

  /** The pipe outlives the provider: its owner closes it. */
  shutdown(): Promise<void> {
    return this.forceFlush();
  }

  #choose(span: ReadableSpan): SelectedEvent | undefined {
    const context = this.#context;
    if (context === undefined) return undefined;
    // The death of a process is one event, not one for each span that was open.
    if (attempt(() => span.attributes[ATTR_LAND_UNFINISHED]) === true) return undefined;
    return read(context, span, (readable) => {
      const selected = selectEvent(readable, context.configuration);
      return selected && admit(context, readable, selected);
    });
  }
}

/**
 * Reads a span; where it does not keep to the interface, which a provider of the host's may not, a copy with what can be
 * read of it. Undefined when that fails too, as when the host's `mirror` function throws.
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

/** What is sent of a span that was selected, under the tag that the option `ignoreErrors` may give its error. */
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
  // An id that is none belongs to no span, or to many.
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
 * When a span ended that is ending now. The SDK adds to its start what the monotonic clock has counted, which stands
 * still while the machine sleeps and knows of no correction of the wall clock. An end that somebody gave is believed.
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
