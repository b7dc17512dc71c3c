import type { SpanContext } from "@opentelemetry/api";
import type { Redactor } from "../redaction/Redactor.js";
import { randomUuid } from "../shared/builtins.js";
import type { EventIdentity } from "./EventIdentity.js";
import { eventProperties } from "./eventProperties.js";
import { eventUuid } from "./eventUuid.js";
import { loadExceptionProperties } from "./loadExceptionProperties.js";
import type { EventSink, MirrorEvent } from "./MirrorEvent.js";
import { redactedFailure } from "./redactedFailure.js";

const EVENT = "$exception";

/** A failure that was counted as an event, as far as it is known. */
export interface CountedFailure {
  /** The thrown value, or what its exception event says of it. */
  readonly failure: unknown;
  readonly tier: string;
  readonly distinctId: string;
  readonly timestamp: string;
  /** The span that the failure belongs to. */
  readonly span: SpanContext | undefined;
  /** Whether it is the failure of that span, which has one; of those captured within it there may be many. */
  readonly mirrored: boolean;
}

/** Sends PostHog's own `$exception` beside each `land:<tier>:error`, so that its Error Tracking groups them. */
export class ExceptionReporter {
  readonly #identity: EventIdentity;
  readonly #sink: Pick<EventSink, "send">;
  readonly #redactor: Redactor;

  constructor(identity: EventIdentity, sink: Pick<EventSink, "send">, redactor: Redactor) {
    this.#identity = identity;
    this.#sink = sink;
    this.#redactor = redactor;
  }

  report({ failure, tier, distinctId, timestamp, span, mirrored }: CountedFailure): void {
    let exception: Record<string, unknown>;
    try {
      exception = loadExceptionProperties().exceptionProperties(
        redactedFailure(failure, this.#redactor),
        true,
      );
    } catch {
      // A hostile error object; its `land:<tier>:error` was sent all the same.
      return;
    }
    const event: MirrorEvent = {
      event: EVENT,
      distinctId,
      properties: eventProperties(this.#identity, tier, span, exception),
      timestamp,
      uuid:
        mirrored && span !== undefined ? eventUuid(span.traceId, span.spanId, EVENT) : randomUuid(),
      urgent: true,
    };
    this.#sink.send(event);
  }
}
