import type { SpanContext } from "@opentelemetry/api";
import type { ErrorOrigin } from "../config/TelemetryOptions.js";
import type { ExplainedFailure } from "../failures/explainFailure.js";
import { attempt } from "../shared/attempt.js";
import { randomUuid } from "../shared/builtins.js";
import { isHandled } from "./errorDetails.js";
import { exceptionProperties } from "./exceptionProperties.js";
import type { EventContext } from "./PostHogEvent.js";
import { eventProperties, eventUuid } from "./PostHogEvent.js";

const EVENT = "$exception";

/** A failure that was counted as an event, with what is known about it. */
export interface CountedFailure {
  readonly failure: ExplainedFailure;
  readonly origin: ErrorOrigin;
  readonly tier: string;
  readonly sessionId: string;
  readonly distinctId: string;
  readonly timestamp: string;
  /** The span that the failure belongs to. */
  readonly span: SpanContext | undefined;
  /** Whether it is the only failure of that span; otherwise others may have been captured in the same span. */
  readonly mirrored: boolean;
}

/**
 * Sends PostHog's own `$exception` beside a `land:<tier>:error`, for its Error Tracking to group. Unlike posthog-node,
 * its builder is not imported late, because the event has to be on disk before the call returns.
 */
export function sendException(context: EventContext, counted: CountedFailure): void {
  const { failure, origin, tier, sessionId, distinctId, timestamp, span, mirrored } = counted;
  const { redactor, pipe } = context;
  const redacted = attempt(() => exceptionProperties(failure, origin, redactor));
  // The `land:<tier>:error` has been sent regardless.
  if (redacted === undefined) return;
  pipe.send({
    event: EVENT,
    distinctId,
    properties: eventProperties({ ...context, sessionId }, tier, span, {
      $exception_level: isHandled(origin) ? "error" : "fatal",
    }),
    redacted,
    timestamp,
    uuid: mirrored && span !== undefined ? eventUuid(span, EVENT) : randomUuid(),
    urgent: true,
  });
}
