import type { HrTime } from "@opentelemetry/api";
import { SpanStatusCode } from "@opentelemetry/api";
import { hrTimeToMilliseconds } from "@opentelemetry/core";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import {
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_TYPE,
} from "@opentelemetry/semantic-conventions";
import { rustArch, rustOs } from "../resource/platformNames.js";
import {
  ATTR_POSTHOG_DISTINCT_ID,
  ATTR_PROCESS_PID,
  ATTR_RPC_METHOD,
} from "../resource/semanticConventions.js";
import type { EventIdentity } from "./EventIdentity.js";
import { eventProperties } from "./eventProperties.js";
import { eventUuid } from "./eventUuid.js";
import type { MirrorEvent } from "./MirrorEvent.js";
import type { SelectedEvent } from "./selectEvent.js";

/** Maps an ended span to its PostHog event; names, identity and time are the span's. */
export function spanToEvent(
  span: ReadableSpan,
  tier: string,
  selected: SelectedEvent,
  identity: EventIdentity,
): MirrorEvent {
  const spanContext = span.spanContext();
  const distinctId = span.attributes[ATTR_POSTHOG_DISTINCT_ID];
  return {
    event: selected.event,
    distinctId:
      typeof distinctId === "string" && distinctId !== "" ? distinctId : identity.distinctId,
    properties: eventProperties(identity, tier, spanContext, {
      $parent_span_id: span.parentSpanContext?.spanId,
      duration_ms: hrTimeToMilliseconds(span.duration),
      status_code: span.status.code,
      span_name: span.name,
      ...kindProperties(span, selected.kind, identity),
    }),
    timestamp: isoTime(span.endTime),
    uuid: eventUuid(spanContext.traceId, spanContext.spanId, selected.event),
    urgent: selected.kind === "error" || selected.kind === "session",
  };
}

/** To the millisecond, as events have it. */
function isoTime([seconds, nanoseconds]: HrTime): string {
  return new Date(seconds * MILLISECONDS + Math.trunc(nanoseconds / NANOSECONDS)).toISOString();
}

const MILLISECONDS = 1_000;
/** In a millisecond. */
const NANOSECONDS = 1_000_000;

/** The tag and message of a failed span, by the order that the dashboards were built on. */
export function errorProperties(span: ReadableSpan): {
  readonly error_tag: string;
  readonly error_message: string;
} {
  const exception = span.events.findLast((event) => event.name === "exception")?.attributes;
  return {
    error_tag: firstText(
      span.attributes[ATTR_ERROR_TYPE],
      exception?.[ATTR_EXCEPTION_TYPE],
      span.name,
    ),
    error_message: firstText(exception?.[ATTR_EXCEPTION_MESSAGE], span.status.message),
  };
}

function kindProperties(
  span: ReadableSpan,
  kind: SelectedEvent["kind"],
  identity: EventIdentity,
): Record<string, unknown> {
  switch (kind) {
    case "error":
      return errorProperties(span);
    case "session":
      // Strings, in Rust's words: the dashboards read them so from every tier.
      return {
        pid: String(identity.pid ?? span.resource.attributes[ATTR_PROCESS_PID] ?? process.pid),
        os: rustOs(process.platform),
        arch: rustArch(process.arch),
      };
    case "handler":
      return {
        feature: firstText(span.attributes[ATTR_RPC_METHOD], span.name),
        ok: span.status.code !== SpanStatusCode.ERROR,
      };
    case "chosen":
      return {};
  }
}

function firstText(...candidates: readonly unknown[]): string {
  for (const candidate of candidates)
    if (typeof candidate === "string" && candidate !== "") return candidate;
  return "";
}
