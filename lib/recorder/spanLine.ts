import type { Attributes, HrTime, SpanContext, SpanKind, SpanStatus } from "@opentelemetry/api";
import { isSpanContextValid, SpanStatusCode } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import type { ReadableSpan, TimedEvent } from "@opentelemetry/sdk-trace-base";
import type { Redactor } from "../redaction/Redactor.js";
import { redactSpan } from "../redaction/redactSpan.js";
import { isObject } from "../shared/isObject.js";
import { formatLine } from "./recordLine.js";

/** A span whose line has more characters is written without its attributes, events and links. */
const MAX_LINE_LENGTH = 16 * 1024;
/** The name in such a shortened line has at most this many characters. */
const MAX_NAME_LENGTH = 256;

/** What a journal says about a span: everything except its resource. */
export interface SpanLine {
  readonly trace: string;
  readonly span: string;
  readonly flags: number;
  readonly parent?: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly start: HrTime;
  readonly end: HrTime;
  readonly attributes: Attributes;
  readonly status: SpanStatus;
  readonly events: readonly TimedEvent[];
  readonly links: readonly { readonly context: SpanContext; readonly attributes: Attributes }[];
  readonly scope: { readonly name: string; readonly version?: string };
}

/** Formats the redacted line of a span that is open or has ended. */
export function formatSpan(redactor: Redactor, span: ReadableSpan, what: "open" | "end"): string {
  const copy = redactSpan(redactor, span);
  const { traceId, spanId, traceFlags } = copy.spanContext();
  const { name, version } = copy.instrumentationScope;
  const parent = copy.parentSpanContext?.spanId;
  const line: SpanLine = {
    trace: traceId,
    span: spanId,
    flags: traceFlags,
    ...(parent === undefined ? {} : { parent }),
    name: copy.name,
    kind: copy.kind,
    start: copy.startTime,
    end: copy.endTime,
    attributes: copy.attributes,
    status: copy.status,
    events: copy.events,
    links: copy.links.map(({ context: { traceId, spanId, traceFlags }, attributes = {} }) => ({
      context: { traceId, spanId, traceFlags },
      attributes,
    })),
    scope: { name, ...(version === undefined ? {} : { version }) },
  };
  const text = formatLine({ [what]: line });
  if (text.length <= MAX_LINE_LENGTH) return text;
  const short = { ...line, name: line.name.slice(0, MAX_NAME_LENGTH) };
  return formatLine({ [what]: { ...short, attributes: {}, events: [], links: [] } });
}

/** Reads a span from a journal; undefined if `value` is not one. Its values are sanitised only on serialization. */
export function parseSpan(value: unknown): SpanLine | undefined {
  if (!isObject(value)) return undefined;
  const line = value as unknown as SpanLine;
  const { trace: traceId, span: spanId, flags: traceFlags, parent, scope } = line;
  const isWhole =
    isSpanContextValid({ traceId, spanId, traceFlags }) &&
    (parent === undefined || isSpanContextValid({ traceId, spanId: parent, traceFlags })) &&
    typeof traceFlags === "number" &&
    typeof line.name === "string" &&
    [line.attributes, line.status, scope].every(isObject) &&
    [line.start, line.end, line.events, line.links].every(Array.isArray);
  return isWhole ? line : undefined;
}

/** How to report a span that was never ended. */
export interface Unfinished {
  /** The last sign of life of its process, in ms of the wall clock. */
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly failed: boolean;
}

/** Turns a line into a span for an exporter, with the resource of the process that created it. */
export function spanOf(line: SpanLine, resource: Resource, unfinished?: Unfinished): ReadableSpan {
  const { trace: traceId, span: spanId, flags: traceFlags, parent, start } = line;
  const own = { traceId, spanId, traceFlags };
  // The clock may have been set back since the start.
  const end = unfinished === undefined ? line.end : laterOf(start, timeOfMs(unfinished.endMs));
  return {
    name: line.name,
    kind: line.kind,
    spanContext: () => own,
    ...(parent === undefined ? {} : { parentSpanContext: { ...own, spanId: parent } }),
    startTime: start,
    endTime: end,
    duration: between(start, end),
    status: unfinished?.failed === true ? { code: SpanStatusCode.ERROR } : line.status,
    attributes: { ...line.attributes, ...unfinished?.attributes },
    links: [...line.links],
    events: [...line.events],
    ended: true,
    resource,
    instrumentationScope: line.scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function timeOfMs(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.floor((ms - seconds * 1_000) * 1e6)];
}

function laterOf(one: HrTime, other: HrTime): HrTime {
  return one[0] > other[0] || (one[0] === other[0] && one[1] > other[1]) ? one : other;
}

function between([seconds, nanos]: HrTime, [endSeconds, endNanos]: HrTime): HrTime {
  const isBorrowed = endNanos < nanos;
  return [
    endSeconds - seconds - (isBorrowed ? 1 : 0),
    endNanos - nanos + (isBorrowed ? 1_000_000_000 : 0),
  ];
}
