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

/** After this second, in the year 2262, a time in nanoseconds no longer fits the int64 that collectors keep it in. */
const MAX_SECONDS = 9_223_372_030;
/** Both serializers carry excess nanoseconds over into seconds, within 32 bits. */
const MAX_NANOS = 0xffff_ffff;
export const NO_TIME: HrTime = [0, 0];

/**
 * A redacted copy of a finished span. The official JSON and protobuf serializers write it as OTLP that a collector
 * accepts, whatever the host put into the span; one bad value would cost the whole request. The original stays as it
 * is, and the copy shares whatever needs no change.
 *
 * @param joins Attributes to add where the span has none of the same name. They are ids and are not redacted.
 */
export function redactSpan(
  redactor: Redactor,
  span: ReadableSpan,
  joins?: Attributes,
): ReadableSpan {
  try {
    return copySpan(redactor, span, joins);
  } catch {
    // Something is missing, or one of the host's getters throws: only that value is lost.
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
    // In V8, spreading two objects into one is ten times as slow, which adds up over a batch.
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

/** Copies of the items that can be copied; the list itself if it is empty, as most are. */
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

/** Undefined for a link with malformed ids, which may make a collector refuse the whole request. */
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

/** The time if it is valid, else the other one if that is, else now. */
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

/** The span context with its trace state redacted; undefined if it is invalid. The ids are random and stay. */
function copyContext(redactor: Redactor, context: SpanContext): SpanContext | undefined {
  if (!isSpanContextValid(context)) return undefined;
  const { traceId, spanId, traceFlags, isRemote, traceState } = context;
  const state = traceState && copyState(redactor, traceState);
  if (state === traceState && Number.isInteger(traceFlags)) return context;
  const copy = { traceId, spanId, traceFlags: countOf(traceFlags), isRemote: isRemote === true };
  return state === undefined ? copy : { ...copy, traceState: state };
}

/** A context that a collector can at least read, with each id that is valid. */
function contextOfInvalid({ traceId, spanId }: SpanContext): SpanContext {
  return {
    traceId: isValidTraceId(traceId) ? traceId : INVALID_TRACEID,
    spanId: isValidSpanId(spanId) ? spanId : INVALID_SPANID,
    traceFlags: 0,
  };
}

/** Redacts each member, `key=value`, on its own: the key stays, and the result is still a valid header. */
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

/** A read-only trace state: nobody adds to one that is leaving the process. */
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

/** A view of a span that is safe to read, with something in every place. */
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
