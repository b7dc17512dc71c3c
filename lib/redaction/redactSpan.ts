import type {
  Attributes,
  HrTime,
  Link,
  SpanContext,
  SpanStatus,
  TraceState,
} from "@opentelemetry/api";
import {
  INVALID_SPAN_CONTEXT,
  INVALID_SPANID,
  INVALID_TRACEID,
  isSpanContextValid,
  isValidSpanId,
  isValidTraceId,
  SpanKind,
  SpanStatusCode,
} from "@opentelemetry/api";
import { millisToHrTime } from "@opentelemetry/core";
import type { ReadableSpan, TimedEvent } from "@opentelemetry/sdk-trace-base";
import { attempt } from "../shared/attempt.js";
import { isObject } from "../shared/isObject.js";
import type { Redactor } from "./Redactor.js";
import { wellFormed } from "./tables/characters.js";
import { countOf, readable } from "./ValueCopier.js";

/** After this second, in the year 2262, nanoseconds no longer fit into the int64 that collectors keep them in. */
const MAX_SECONDS = 9_223_372_030;
/** Both serializers carry nanoseconds over into seconds, up to the range of 32 bits. */
const MAX_NANOS = 0xffff_ffff;
export const NO_TIME: HrTime = [0, 0];

/**
 * A copy of a finished span without what must not be sent, which the official JSON and protobuf serializers write as OTLP
 * that a collector accepts, whatever the host put into the span: one bad value would cost the whole request. What needs
 * no change is shared with the original, which stays as it is.
 *
 * @param joins Attributes of the copy where the span has none of these names; ids, which are not redacted.
 */
export function redactSpan(
  redactor: Redactor,
  span: ReadableSpan,
  joins?: Attributes,
): ReadableSpan {
  try {
    return copySpan(redactor, span, joins);
  } catch {
    // Something is missing, or a getter of the host's throws: it costs what it guards, and no more.
    return copySpan(redactor, readableSpan(span), joins);
  }
}

function copySpan(
  redactor: Redactor,
  span: ReadableSpan,
  joins: Attributes | undefined,
): ReadableSpan {
  const attributes = redactor.attributes(span.attributes);
  const own = span.spanContext();
  const context = copyContext(redactor, own) ?? contextOfInvalid(own);
  const parent = span.parentSpanContext && copyContext(redactor, span.parentSpanContext);
  const endTime = timeOf(span.endTime, span.startTime);
  const links = copyAll(span.links, (link) => copyLink(redactor, link));
  const leftOut = span.links.length - links.length;
  return {
    name: redactor.text(span.name),
    kind: kindOf(span.kind),
    spanContext: () => context,
    // The property is always there, as in the SDK's own spans.
    parentSpanContext: parent as SpanContext,
    startTime: timeOf(span.startTime, endTime),
    endTime,
    status: copyStatus(redactor, span.status),
    // V8 spreads two objects into one ten times as slowly, which the whole batch would feel.
    attributes: joins === undefined ? attributes : Object.assign({}, joins, attributes),
    links,
    events: copyAll(span.events, (event) => copyEvent(redactor, event, endTime)),
    duration: timeOf(span.duration, NO_TIME),
    ended: span.ended,
    resource: redactor.resource(span.resource),
    instrumentationScope: redactor.scope(span.instrumentationScope),
    droppedAttributesCount: countOf(span.droppedAttributesCount),
    droppedEventsCount: countOf(span.droppedEventsCount),
    droppedLinksCount: countOf(countOf(span.droppedLinksCount) + leftOut),
  };
}

/** The items that can be copied; the list itself when it is empty, as most are. */
function copyAll<T>(items: T[], copy: (item: T) => T | undefined): T[] {
  if (!Array.isArray(items)) throw new TypeError("not a list");
  return items.length === 0 ? items : items.map(copy).filter((item) => item !== undefined);
}

function copyEvent(redactor: Redactor, event: TimedEvent, spanEnd: HrTime): TimedEvent {
  return {
    name: redactor.text(event.name),
    time: timeOf(event.time, spanEnd),
    attributes: redactor.attributes(event.attributes ?? {}),
    droppedAttributesCount: countOf(event.droppedAttributesCount),
  };
}

/** A collector may refuse the whole request for a link whose ids are malformed. */
function copyLink(redactor: Redactor, link: Link): Link | undefined {
  const context = copyContext(redactor, link.context);
  if (context === undefined) return undefined;
  return {
    context,
    attributes: redactor.attributes(link.attributes ?? {}),
    droppedAttributesCount: countOf(link.droppedAttributesCount),
  };
}

function copyStatus(redactor: Redactor, { code, message }: SpanStatus): SpanStatus {
  const isKnown = code === SpanStatusCode.OK || code === SpanStatusCode.ERROR;
  const known = isKnown ? code : SpanStatusCode.UNSET;
  return message === undefined ? { code: known } : { code: known, message: redactor.text(message) };
}

function kindOf(kind: SpanKind): SpanKind {
  return Number.isInteger(kind) && kind >= SpanKind.INTERNAL && kind <= SpanKind.CONSUMER
    ? kind
    : SpanKind.INTERNAL;
}

/** The time; where it is none, that of the other end; where that is none either, now. */
export function timeOf(time: HrTime, other: HrTime): HrTime {
  if (isTime(time)) return time;
  return isTime(other) ? other : millisToHrTime(Date.now());
}

function isTime(time: unknown): boolean {
  try {
    return Array.isArray(time) && isWithin(time[0], MAX_SECONDS) && isWithin(time[1], MAX_NANOS);
  } catch {
    return false;
  }
}

function isWithin(value: unknown, most: number): boolean {
  return typeof value === "number" && value >= 0 && value <= most;
}

/** A valid span context without secrets in its trace state; undefined for an invalid one. The ids are random and stay. */
function copyContext(redactor: Redactor, context: SpanContext): SpanContext | undefined {
  if (!isSpanContextValid(context)) return undefined;
  const { traceId, spanId, traceFlags, isRemote, traceState } = context;
  const state = traceState && copyState(redactor, traceState);
  if (state === traceState && Number.isInteger(traceFlags)) return context;
  const copy = { traceId, spanId, traceFlags: countOf(traceFlags), isRemote: isRemote === true };
  return state === undefined ? copy : { ...copy, traceState: state };
}

/** A context that a collector can read at least, with those of the ids that are valid. */
function contextOfInvalid({ traceId, spanId }: SpanContext): SpanContext {
  return {
    traceId: isValidTraceId(traceId) ? traceId : INVALID_TRACEID,
    spanId: isValidSpanId(spanId) ? spanId : INVALID_SPANID,
    traceFlags: 0,
  };
}

/** Each member on its own, `key=value`: a key stays, and what is left is a valid header again. */
function copyState(redactor: Redactor, state: TraceState): TraceState | undefined {
  const text = attempt(() => state.serialize());
  if (typeof text !== "string") return undefined;
  // Every new trace has a state that holds a flag and no members.
  if (text === "") return state;
  const redacted = text
    .split(",")
    .map((member) => {
      const equals = member.indexOf("=") + 1;
      const value = redactor.text(member.slice(equals)).replaceAll(/[=,]/g, "");
      return wellFormed(member.slice(0, equals)) + value;
    })
    .join(",");
  return redacted === text ? state : fixedState(redacted);
}

/** A trace state that is only read: it has left the process, and nobody adds to it. */
function fixedState(text: string): TraceState {
  const state: TraceState = {
    get: (key) =>
      text
        .split(",")
        .find((member) => member.startsWith(`${key}=`))
        ?.slice(key.length + 1),
    set: () => state,
    unset: () => state,
    serialize: () => text,
  };
  return state;
}

/** What can be read of a span, with something in every place. */
function readableSpan(span: ReadableSpan): ReadableSpan {
  const { status, events, links, parentSpanContext } = readable(span);
  const context = readableContext(attempt(() => span.spanContext()));
  return readable(span, {
    spanContext: () => context,
    parentSpanContext: readableContext(parentSpanContext),
    status: readable(status, isObject(status) ? {} : { code: SpanStatusCode.UNSET }),
    events: readableList(events, (event) => readable(event)),
    links: readableList(links, (link) =>
      readable(link, { context: readableContext(readable(link).context) }),
    ),
  });
}

function readableContext(context: SpanContext | undefined): SpanContext {
  return isObject(context) ? readable(context) : INVALID_SPAN_CONTEXT;
}

function readableList<T extends object>(list: T[], read: (item: T) => T): T[] {
  return attempt(() => Array.from(list).filter(isObject).map(read)) ?? [];
}
