import type { Link, SpanContext } from "@opentelemetry/api";
import { SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan, TimedEvent } from "@opentelemetry/sdk-trace-base";
import { redactContext } from "../../redaction/redactContext.js";
import type { Batch } from "./Batch.js";
import type { JsonAttributes } from "./JsonAttributes.js";
import type { JsonBytes } from "./JsonBytes.js";

/** As OTLP defines a span's flags: those of W3C, that it is known where the parent was, and that it was remote. */
const W3C_FLAGS = 0xff;
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

const COMMA = 44;
const END = 125;
const bytesOf = (text: string): Uint8Array => Buffer.from(text);

const SPAN = bytesOf('{"traceId":');
const LINK = bytesOf('{"attributes":[');
const EVENT = LINK;
const TRACE_ID = bytesOf(',"traceId":');
const SPAN_ID = bytesOf(',"spanId":');
const PARENT_SPAN_ID = bytesOf(',"parentSpanId":');
const TRACE_STATE = bytesOf(',"traceState":');
const NAME = bytesOf(',"name":');
const START_TIME = bytesOf(',"startTimeUnixNano":"');
const END_TIME = bytesOf('","endTimeUnixNano":"');
const EVENT_TIME = bytesOf(',"timeUnixNano":"');
const ATTRIBUTES = bytesOf('","attributes":[');
const DROPPED_ATTRIBUTES = bytesOf(',"droppedAttributesCount":');
const EVENTS = bytesOf(',"events":[');
const DROPPED_EVENTS = bytesOf(',"droppedEventsCount":');
const STATUS = bytesOf(',"status":{"code":');
const MESSAGE = bytesOf(',"message":');
const LINKS = bytesOf('},"links":[');
const DROPPED_LINKS = bytesOf(',"droppedLinksCount":');
const FLAGS = bytesOf(',"flags":');
const QUOTE = 34;
const LIST_END = 93;

/**
 * Writes one span as OTLP/JSON, its members in the order of the official serializer, and every text in it redacted:
 * what `redactSpan` gives, without a copy of the span.
 */
export function writeSpan(
  out: JsonBytes,
  span: ReadableSpan,
  attributes: JsonAttributes,
  batch: Batch,
): void {
  const context = redactContext(batch.redactor, span.spanContext());
  const { parentSpanContext, status, events, links } = span;
  out.raw(SPAN);
  out.string(context.traceId);
  out.member(SPAN_ID, context.spanId);
  if (parentSpanContext?.spanId) out.member(PARENT_SPAN_ID, parentSpanContext.spanId);
  if (context.traceState !== undefined) out.member(TRACE_STATE, context.traceState.serialize());
  const known = batch.writeName(out, span);
  out.raw(START_TIME);
  out.nanoseconds(span.startTime);
  out.raw(END_TIME);
  out.nanoseconds(span.endTime);
  out.raw(ATTRIBUTES);
  attributes.redact(out, span.attributes, batch, known);
  const flags = flagsOf(context.traceFlags, parentSpanContext?.isRemote);
  if (isPlain(span)) {
    out.raw(plainEnd(status.code, flags));
    return;
  }
  out.sign(LIST_END);
  out.member(DROPPED_ATTRIBUTES, span.droppedAttributesCount);
  out.raw(EVENTS);
  for (let index = 0; index < events.length; index++) {
    if (index > 0) out.sign(COMMA);
    writeEvent(out, events[index] as TimedEvent, attributes, batch);
  }
  out.sign(LIST_END);
  out.member(DROPPED_EVENTS, span.droppedEventsCount);
  out.raw(STATUS);
  out.number(status.code);
  if (status.message !== undefined) out.member(MESSAGE, batch.redactor.text(status.message));
  out.raw(LINKS);
  for (let index = 0; index < links.length; index++) {
    if (index > 0) out.sign(COMMA);
    writeLink(out, links[index] as Link, attributes, batch);
  }
  out.sign(LIST_END);
  out.member(DROPPED_LINKS, span.droppedLinksCount);
  out.member(FLAGS, flags);
  out.sign(END);
}

/** Whether what follows a span's attributes is the same for all spans of its status and flags, as for most. */
function isPlain({
  status,
  events,
  links,
  droppedAttributesCount,
  droppedEventsCount,
  droppedLinksCount,
}: ReadableSpan): boolean {
  if (
    events.length > 0 ||
    links.length > 0 ||
    status.message !== undefined ||
    !STATUS_CODES.has(status.code)
  )
    return false;
  return droppedAttributesCount === 0 && droppedEventsCount === 0 && droppedLinksCount === 0;
}

/** That end, by flags, which have ten bits, and status. */
function plainEnd(code: SpanStatusCode, flags: number): Uint8Array {
  const key = flags * STATUS_CODES.size + code;
  const known = PLAIN_ENDS.get(key);
  if (known !== undefined) return known;
  const counts = '],"droppedAttributesCount":0,"events":[],"droppedEventsCount":0';
  const end = bytesOf(
    `${counts},"status":{"code":${code}},"links":[],"droppedLinksCount":0,"flags":${flags}}`,
  );
  PLAIN_ENDS.set(key, end);
  return end;
}

const STATUS_CODES = new Set([SpanStatusCode.UNSET, SpanStatusCode.OK, SpanStatusCode.ERROR]);
const PLAIN_ENDS = new Map<number, Uint8Array>();

function writeEvent(
  out: JsonBytes,
  event: TimedEvent,
  attributes: JsonAttributes,
  batch: Batch,
): void {
  out.raw(EVENT);
  if (event.attributes) attributes.redact(out, event.attributes, batch, batch.others);
  out.sign(LIST_END);
  out.member(NAME, batch.redactor.text(event.name));
  out.raw(EVENT_TIME);
  out.nanoseconds(event.time);
  out.sign(QUOTE);
  out.member(DROPPED_ATTRIBUTES, event.droppedAttributesCount || 0);
  out.sign(END);
}

function writeLink(out: JsonBytes, link: Link, attributes: JsonAttributes, batch: Batch): void {
  const context = redactContext(batch.redactor, link.context);
  out.raw(LINK);
  if (link.attributes) attributes.redact(out, link.attributes, batch, batch.others);
  out.sign(LIST_END);
  out.member(SPAN_ID, context.spanId);
  out.member(TRACE_ID, context.traceId);
  if (context.traceState !== undefined) out.member(TRACE_STATE, context.traceState.serialize());
  out.member(DROPPED_ATTRIBUTES, link.droppedAttributesCount || 0);
  out.member(FLAGS, flagsOf(context.traceFlags, context.isRemote));
  out.sign(END);
}

function flagsOf(traceFlags: SpanContext["traceFlags"], isRemote: boolean | undefined): number {
  return (traceFlags & W3C_FLAGS) | HAS_IS_REMOTE | (isRemote === true ? IS_REMOTE : 0);
}
