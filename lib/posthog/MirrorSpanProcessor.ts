import type { Exception, Span as ApiSpan, TimeInput } from "@opentelemetry/api";
import { SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan, Span, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { MirrorSelection } from "../config/TelemetryOptions.js";
import { rememberFailure } from "../failures/recordFailure.js";
import { settleFailure } from "../failures/settleFailure.js";
import { ATTR_POSTHOG_DISTINCT_ID, ATTR_POSTHOG_EVENT } from "../resource/semanticConventions.js";
import { globalState } from "../shared/globalState.js";
import type { EventIdentity } from "./EventIdentity.js";
import type { ExceptionReporter } from "./ExceptionReporter.js";
import { failureOfSpan } from "./failureOfSpan.js";
import type { EventSink } from "./MirrorEvent.js";
import type { SelectedEvent } from "./selectEvent.js";
import { createSelector } from "./selectEvent.js";
import { errorProperties, spanToEvent } from "./spanToEvent.js";

/** What the processor needs; `register` and the `/mirror` entry put it together. */
export interface MirrorParts {
  readonly identity: EventIdentity;
  readonly selection: MirrorSelection;
  readonly sink: EventSink;
  /** Also told of every failure that became an event; for error tracking. */
  readonly exceptions: Pick<ExceptionReporter, "report"> | undefined;
  /** The tier of a span's resource; of all spans the identity's, when the provider is ours. */
  readonly tierOf?: (span: ReadableSpan) => string;
  /**
   * Whether the class of the spans is ours alone, being a part of our own build. It then learns once to show the
   * mirror the Error itself; the spans of others are told one by one, which costs each some bytes.
   */
  readonly ownSpans?: boolean;
  readonly forceFlush: () => Promise<void>;
  readonly shutdown: () => Promise<void>;
}

/**
 * Mirrors error and session spans into PostHog events. A span that is neither costs a branch.
 *
 * The choice is made in `onEnding`, while attributes can still be set, so that a mirrored span carries
 * `posthog.event` and `posthog.distinct_id`; the event is built in `onEnd`, when the span cannot change any more.
 */
export class MirrorSpanProcessor implements SpanProcessor {
  readonly #parts: MirrorParts;
  readonly #select: (span: ReadableSpan, tier: string) => SelectedEvent | undefined;
  /** Choices made in `onEnding`, which the span's `onEnd` picks up. */
  readonly #chosen = new Map<ReadableSpan, SelectedEvent>();
  /** SDK lines before `onEnding` choose in `onEnd`; there the span's attributes cannot be set any more. */
  #hasOnEnding = false;
  /** Whether the class of our own spans has been shown. */
  #isTaught = false;

  constructor(parts: MirrorParts) {
    this.#parts = parts;
    this.#select = createSelector(parts.selection);
  }

  onStart(span: Span): void {
    if (this.#isTaught) return;
    // One shared function for all spans: it lets the mirror see the Error itself, not only its text.
    if (this.#parts.ownSpans !== true) {
      span.recordException = recordAndRemember;
      return;
    }
    this.#isTaught = true;
    teach(Object.getPrototypeOf(span) as ApiSpan);
  }

  onEnding(span: Span): void {
    this.#hasOnEnding = true;
    const selected = this.#chooseQuietly(span);
    if (selected === undefined) return;
    this.#chosen.set(span, selected);
    span.setAttribute(ATTR_POSTHOG_EVENT, selected.event);
    if (span.attributes[ATTR_POSTHOG_DISTINCT_ID] === undefined) {
      span.setAttribute(ATTR_POSTHOG_DISTINCT_ID, this.#parts.identity.distinctId);
    }
  }

  onEnd(span: ReadableSpan): void {
    if (this.#hasOnEnding && this.#chosen.size === 0) return;
    const selected = this.#hasOnEnding ? this.#chosen.get(span) : this.#chooseQuietly(span);
    if (selected === undefined) return;
    this.#chosen.delete(span);
    try {
      this.#send(span, selected);
    } catch {
      // A span of a provider that keeps to no interface costs its event, never the caller's `end`.
    }
  }

  #send(span: ReadableSpan, selected: SelectedEvent): void {
    const tier = this.#tier(span);
    const event = spanToEvent(span, tier, selected, this.#parts.identity);
    this.#parts.sink.send(event);
    if (selected.kind === "session") globalState().sessionMirrored = true;
    if (selected.kind === "error" && this.#parts.exceptions !== undefined) {
      const { distinctId, timestamp } = event;
      this.#parts.exceptions.report({
        failure: failureOfSpan(span),
        tier,
        distinctId,
        timestamp,
        span: span.spanContext(),
        mirrored: true,
      });
    }
  }

  forceFlush(): Promise<void> {
    return this.#parts.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#parts.shutdown();
  }

  #chooseQuietly(span: ReadableSpan): SelectedEvent | undefined {
    try {
      return this.#choose(span);
    } catch {
      return undefined;
    }
  }

  #choose(span: ReadableSpan): SelectedEvent | undefined {
    const selected = this.#select(span, this.#tier(span));
    return selected !== undefined && this.#admit(span, selected) ? selected : undefined;
  }

  #admit(span: ReadableSpan, selected: SelectedEvent): boolean {
    const { sink } = this.#parts;
    if (selected.kind === "session") return true;
    if (span.status.code !== SpanStatusCode.ERROR) return sink.admit(selected.event, undefined);
    const { error_tag: tag, error_message: message } = errorProperties(span);
    const { traceId, spanId } = span.spanContext();
    const counted = settleFailure({
      span,
      traceId,
      spanId,
      parentSpanId: span.parentSpanContext?.spanId,
      text: message,
    });
    return counted && sink.admit(selected.event, tag);
  }

  #tier(span: ReadableSpan): string {
    return this.#parts.tierOf?.(span) ?? this.#parts.identity.tier;
  }
}

function recordAndRemember(this: ApiSpan, exception: Exception, time?: TimeInput): void {
  rememberFailure(this, exception);
  const prototype = Object.getPrototypeOf(this) as ApiSpan;
  prototype.recordException.call(this, exception, time);
}

const TAUGHT = Symbol("land-telemetry.taught");

function teach(prototype: ApiSpan & { [TAUGHT]?: boolean }): void {
  if (prototype[TAUGHT] === true) return;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the span as `this` below
  const { recordException } = prototype;
  prototype[TAUGHT] = true;
  prototype.recordException = function (
    this: ApiSpan,
    exception: Exception,
    time?: TimeInput,
  ): void {
    rememberFailure(this, exception);
    recordException.call(this, exception, time);
  };
}
