import type { HrTime } from "@opentelemetry/api";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { hrTimeToMilliseconds } from "@opentelemetry/core";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import {
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
} from "@opentelemetry/semantic-conventions";
import type { Configuration } from "../config/Configuration.js";
import type { MirrorKind } from "../config/TelemetryOptions.js";
import {
  ATTR_LAND_TIER,
  ATTR_POSTHOG_DISTINCT_ID,
  ATTR_PROCESS_PID,
  ATTR_RPC_METHOD,
  ATTR_SESSION_ID,
} from "../resource/semanticConventions.js";
import { NO_TIME, timeOf } from "../redaction/redactSpan.js";
import { globalState } from "../shared/globalState.js";
import { errorProperties, lastException, textOf } from "./errorProperties.js";
import type { ErrorDetails } from "./errorDetails.js";
import type { EventOrigin, PostHogEvent } from "./PostHogEvent.js";
import { eventProperties, eventUuid, processProperties } from "./PostHogEvent.js";

/** Why a span is mirrored, and under which event name. */
export interface SelectedEvent {
  readonly kind: MirrorKind | "chosen";
  readonly event: string;
  /** The error's tag, if it differs from the span's. */
  readonly tag?: string;
}

const SESSION = /^land:[^:]+:session:(?:start|end)$/;

/** Applies the option `mirror` to an ended span; undefined if it is not mirrored. */
export function selectEvent(
  span: ReadableSpan,
  configuration: Pick<Configuration, "mirror" | "tier">,
): SelectedEvent | undefined {
  const { mirror } = configuration;
  const isFailed = span.status.code === SpanStatusCode.ERROR;
  if (typeof mirror === "function") {
    // An untyped function may also return nothing.
    const chosen: unknown = mirror(span);
    if (typeof chosen === "string" && chosen !== "")
      return { kind: isFailed ? "error" : "chosen", event: chosen };
    if (chosen !== true) return undefined;
    if (isFailed) return { kind: "error", event: `land:${tierOf(span, configuration)}:error` };
    return { kind: SESSION.test(span.name) ? "session" : "chosen", event: span.name };
  }
  if (isFailed && mirror.includes("error"))
    return { kind: "error", event: `land:${tierOf(span, configuration)}:error` };
  // The plain search rules out ordinary names at a fraction of the pattern's cost.
  if (span.name.includes(":session:") && mirror.includes("session") && SESSION.test(span.name))
    return { kind: "session", event: span.name };
  if (span.kind === SpanKind.SERVER && mirror.includes("handler"))
    return { kind: "handler", event: `land:${tierOf(span, configuration)}:handler:complete` };
  return undefined;
}

/**
 * Maps an ended span to its PostHog event, with the span's names, identity and, unless `end` is given, its end time.
 *
 * @param details What the event contains of the failure beside tag and message.
 */
export function spanToEvent(
  span: ReadableSpan,
  { kind, event, tag }: SelectedEvent,
  origin: EventOrigin & { readonly configuration: Configuration },
  end: HrTime = span.endTime,
  details?: ErrorDetails,
): PostHogEvent {
  const { configuration } = origin;
  const spanContext = span.spanContext();
  const sessionId = sessionOf(span, origin);
  return {
    event,
    distinctId:
      textOf(span.attributes[ATTR_POSTHOG_DISTINCT_ID]) || configuration.posthog.distinctId,
    properties: eventProperties(
      { configuration, sessionId },
      tierOf(span, configuration),
      spanContext,
      {
        $parent_span_id: span.parentSpanContext?.spanId,
        duration_ms: hrTimeToMilliseconds(timeOf(span.duration, NO_TIME)),
        status_code: span.status.code,
        span_name: span.name,
        ...kindProperties(span, kind),
        ...details?.properties,
        ...(tag === undefined ? {} : { error_tag: tag }),
      },
    ),
    timestamp: isoTime(timeOf(end, span.startTime)),
    uuid: eventUuid(spanContext, event),
    urgent: kind === "error" || kind === "session",
    ...(details && { redacted: details.redacted }),
  };
}

/** The tier of a span's resource, since a host's own provider can serve several; else the configured tier. */
export function tierOf(span: ReadableSpan, { tier }: Pick<Configuration, "tier">): string {
  return textOf(span.resource.attributes[ATTR_LAND_TIER]) || tier;
}

/** The session of a span's resource, which a host's own provider may set; else that of this process. */
export function sessionOf(span: ReadableSpan, { sessionId }: EventOrigin): string {
  return textOf(span.resource.attributes[ATTR_SESSION_ID]) || sessionId;
}

/** What a failed span failed with: the thrown value if the mirror saw it, else an error made from the span's data. */
export function failureOfSpan(span: ReadableSpan): unknown {
  const { spanFailures } = globalState();
  if (spanFailures.has(span)) return spanFailures.get(span);
  const exception = lastException(span);
  const { error_tag: tag, error_message: message } = errorProperties(span);
  const error = new Error(message);
  error.name = textOf(exception[ATTR_EXCEPTION_TYPE]) || tag;
  error.stack = textOf(exception[ATTR_EXCEPTION_STACKTRACE]) || `${error.name}: ${message}`;
  return error;
}

/** The feature of a handler's run, and whether it succeeded. */
export function handlerProperties(span: ReadableSpan): {
  readonly feature: string;
  readonly ok: boolean;
} {
  return {
    feature: textOf(span.attributes[ATTR_RPC_METHOD]) || span.name,
    ok: span.status.code !== SpanStatusCode.ERROR,
  };
}

function kindProperties(span: ReadableSpan, kind: SelectedEvent["kind"]): Record<string, unknown> {
  switch (kind) {
    case "error":
      return errorProperties(span);
    case "session":
      return processProperties(span.resource.attributes[ATTR_PROCESS_PID] ?? process.pid);
    case "handler":
      return handlerProperties(span);
    case "chosen":
      return {};
  }
}

/** The time to the millisecond, which is the precision of events. */
function isoTime([seconds, nanoseconds]: HrTime): string {
  return new Date(seconds * 1_000 + Math.trunc(nanoseconds / 1_000_000)).toISOString();
}
