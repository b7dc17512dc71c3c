import type { InspectorCounts, InspectorOptions } from "./startInspector.js";
import { asText } from "./jsonMembers.js";
import { findErrors, isCancelled, isErrorEvent, isUnfinished } from "./findErrors.js";
import type { ReceivedError } from "./findErrors.js";
import type {
  ReceivedEvent,
  ReceivedLog,
  ReceivedSpan,
  ReceivedTrace,
  TraceSummary,
} from "./ReceivedTrace.js";
import { ERROR_STATUS } from "./ReceivedTrace.js";

type StoreLimits = Required<
  Pick<InspectorOptions, "maxTraces" | "maxSpans" | "maxEvents" | "maxHeldBytes">
>;

type StoreCounts = Omit<
  InspectorCounts,
  "connections" | "openConnections" | "evictedConnections" | "requests"
>;

/** What a row of a waterfall needs to know of a span. */
export type SpanRow = Pick<
  ReceivedSpan,
  "spanId" | "parentSpanId" | "name" | "tier" | "kind" | "startTimeMs" | "durationMs" | "statusCode"
> & { readonly cancelled: boolean; readonly unfinished: boolean };

/** A trace for a waterfall, a tenth of the bytes of the whole: attributes are asked for span by span. */
export interface TraceRows extends TraceSummary {
  /** Ordered by start time. */
  readonly rows: readonly SpanRow[];
  readonly events: readonly ReceivedEvent[];
  readonly logs: readonly ReceivedLog[];
  readonly errors: readonly ReceivedError[];
}

/** What changed since a revision. */
export interface TraceChanges {
  /** To ask with the next time. */
  readonly revision: number;
  /** Grows when traces are forgotten: whoever keeps a list of them starts over. */
  readonly removals: number;
  readonly traces: readonly TraceSummary[];
  readonly counts: StoreCounts;
}

interface HeldTrace {
  readonly spans: Map<string, ReceivedSpan>;
  readonly eventKeys: Set<string>;
  readonly logs: ReceivedLog[];
  /** Whether it has an error, and so is forgotten after those that have none. */
  failed: boolean;
  /** Bytes of its spans and logs; those of its events are kept with the events. */
  bytes: number;
  /** The store's revision when this trace changed last. */
  revision: number;
  /** Kept until the trace changes: a list of all traces would otherwise sort all spans. */
  summary: TraceSummary | undefined;
}

type Content = Pick<ReceivedTrace, "spans" | "events" | "logs">;

/**
 * Spans, events and logs, joined by trace id and bounded in number and in bytes. Maps keep the order of insertion:
 * traces are moved to the end when they change, so the first is the one longest without change. Whatever has an error
 * is forgotten last: somebody looks for it.
 */
export class TraceStore {
  readonly #limits: StoreLimits;
  readonly #traces = new Map<string, HeldTrace>();
  /** Those of the traces that have no error, in the same order. */
  readonly #quietTraces = new Set<string>();
  readonly #events = new Map<string, { event: ReceivedEvent; bytes: number }>();
  /** Those of the events that tell of no error, in the same order. */
  readonly #quietEvents = new Set<string>();
  readonly #counts: { -readonly [name in keyof StoreCounts]: number } = {
    spans: 0,
    events: 0,
    duplicateSpans: 0,
    duplicateEvents: 0,
    rejectedSpans: 0,
    logs: 0,
    evictedTraces: 0,
    evictedErrors: 0,
    evictedSpans: 0,
    evictedEvents: 0,
  };
  #spans = 0;
  #bytes = 0;
  #unnamedEvents = 0;
  #revision = 0;
  #removals = 0;

  constructor(limits: StoreLimits) {
    this.#limits = limits;
  }

  /** Takes in the spans of a body, beside `unread` ones that could not be read; returns how many are not held. */
  addSpans(spans: readonly ReceivedSpan[], bodyBytes: number, unread: number): number {
    const bytes = bodyBytes / Math.max(spans.length, 1);
    const lost = unread + spans.filter((span) => !this.#addSpan(span, bytes)).length;
    this.#counts.rejectedSpans += lost;
    return lost;
  }

  addEvents(events: readonly ReceivedEvent[], bodyBytes: number): void {
    const bytes = bodyBytes / Math.max(events.length, 1);
    for (const event of events) this.#addEvent(event, bytes);
  }

  /** Takes in log records; those of no trace are counted only, as are those for which a trace has no room. */
  addLogs(logs: readonly ReceivedLog[], bodyBytes: number): void {
    const bytes = bodyBytes / Math.max(logs.length, 1);
    this.#counts.logs += logs.length;
    for (const log of logs) {
      if (log.traceId === undefined) continue;
      const trace = this.#touch(log.traceId);
      this.#makeRoom(1, bytes, log.traceId);
      if (this.#hasRoom(1, bytes)) {
        trace.logs.push(log);
        trace.bytes += bytes;
        this.#bytes += bytes;
        this.#spans++;
        this.#changed(trace);
      } else this.#dropIfEmpty(log.traceId, trace);
    }
  }

  traces(): readonly ReceivedTrace[] {
    return [...this.#traces.keys()].flatMap((traceId) => this.trace(traceId) ?? []);
  }

  trace(traceId: string): ReceivedTrace | undefined {
    const trace = this.#traces.get(traceId);
    if (trace === undefined) return undefined;
    const content = this.#contentOf(trace);
    const orphans = content.spans.filter(
      ({ parentSpanId }) => parentSpanId !== undefined && !trace.spans.has(parentSpanId),
    );
    return { ...summarize(traceId, content), ...content, orphans };
  }

  rows(traceId: string): TraceRows | undefined {
    const trace = this.#traces.get(traceId);
    if (trace === undefined) return undefined;
    const content = this.#contentOf(trace);
    const { spans, events, logs } = content;
    const errors = findErrors(spans, events);
    return { ...summarize(traceId, content), rows: spans.map(rowOf), events, logs, errors };
  }

  /** The errors of all traces, and those that have none; the newest first. */
  errors(): readonly ReceivedError[] {
    const loose = this.events().filter(({ traceId }) => !this.#traces.has(traceId ?? ""));
    const ofTraces = [...this.#traces.values()].filter(({ failed }) => failed);
    return [...ofTraces.map((trace) => this.#contentOf(trace)), { spans: [], events: loose }]
      .flatMap(({ spans, events }) => findErrors(spans, events))
      .sort((left, right) => right.timeMs - left.timeMs);
  }

  /** Grows with everything that is taken in or forgotten. */
  get revision(): number {
    return this.#revision;
  }

  /** The summaries of the traces that changed after a revision; all of them after 0. */
  changesSince(revision: number): TraceChanges {
    const changed = [...this.#traces].filter(([, trace]) => trace.revision > revision);
    const traces = changed.map(
      ([traceId, trace]) => (trace.summary ??= summarize(traceId, this.#contentOf(trace))),
    );
    return { revision: this.#revision, removals: this.#removals, traces, counts: this.counts() };
  }

  /** One span by its ids in lower case. */
  span(traceId: string, spanId: string): ReceivedSpan | undefined {
    return this.#traces.get(traceId)?.spans.get(spanId);
  }

  /** The spans of one trace, or all; in the order of their arrival. */
  *spans(traceId?: string): Generator<ReceivedSpan> {
    if (traceId !== undefined) yield* this.#traces.get(traceId)?.spans.values() ?? [];
    else for (const trace of this.#traces.values()) yield* trace.spans.values();
  }

  *logs(): Generator<ReceivedLog> {
    for (const trace of this.#traces.values()) yield* trace.logs;
  }

  events(): readonly ReceivedEvent[] {
    return [...this.#events.values()].map((held) => held.event);
  }

  counts(): StoreCounts {
    return { ...this.#counts };
  }

  clear(): void {
    for (const held of [this.#traces, this.#quietTraces, this.#events, this.#quietEvents])
      held.clear();
    this.#spans = 0;
    this.#bytes = 0;
    this.#removals++;
    this.#revision++;
  }

  #addSpan(span: ReceivedSpan, bytes: number): boolean {
    const trace = this.#touch(span.traceId);
    if (trace.spans.has(span.spanId)) {
      this.#counts.duplicateSpans++;
      return true;
    }
    this.#makeRoom(1, bytes, span.traceId);
    if (!this.#hasRoom(1, bytes)) {
      this.#dropIfEmpty(span.traceId, trace);
      return false;
    }
    trace.spans.set(span.spanId, span);
    trace.bytes += bytes;
    this.#bytes += bytes;
    this.#spans++;
    this.#counts.spans++;
    if (span.statusCode === ERROR_STATUS) this.#keepLonger(span.traceId, trace);
    this.#changed(trace);
    return true;
  }

  #addEvent(event: ReceivedEvent, bytes: number): void {
    const key =
      event.uuid === undefined
        ? `${this.#unnamedEvents++}`
        : JSON.stringify([event.event, event.distinctId, event.uuid]);
    if (this.#events.has(key)) {
      this.#counts.duplicateEvents++;
      return;
    }
    this.#counts.events++;
    this.#events.set(key, { event, bytes });
    if (!isErrorEvent(event)) this.#quietEvents.add(key);
    this.#bytes += bytes;
    this.#revision++;
    if (event.traceId !== undefined) {
      const trace = this.#touch(event.traceId);
      trace.eventKeys.add(key);
      if (isErrorEvent(event)) this.#keepLonger(event.traceId, trace);
      this.#changed(trace);
    }
    this.#makeRoom(0, 0, event.traceId);
    const { maxEvents, maxHeldBytes } = this.#limits;
    for (const held of [this.#quietEvents, this.#events]) {
      for (const oldest of held.keys()) {
        if (this.#events.size <= maxEvents && this.#bytes <= maxHeldBytes) return;
        this.#evictEvent(oldest);
      }
    }
  }

  #hasRoom(spans: number, bytes: number): boolean {
    const { maxSpans, maxHeldBytes } = this.#limits;
    return this.#spans + spans <= maxSpans && this.#bytes + bytes <= maxHeldBytes;
  }

  /** Forgets traces, the stalest without an error first, until the addition fits or only the trace to keep is left. */
  #makeRoom(spans: number, bytes: number, keep: string | undefined): void {
    for (const held of [this.#quietTraces, this.#traces]) {
      for (const traceId of held.keys()) {
        if (this.#traces.size <= this.#limits.maxTraces && this.#hasRoom(spans, bytes)) return;
        const trace = this.#traces.get(traceId);
        if (traceId !== keep && trace !== undefined) this.#evictTrace(traceId, trace);
      }
    }
  }

  #keepLonger(traceId: string, trace: HeldTrace): void {
    trace.failed = true;
    this.#quietTraces.delete(traceId);
  }

  #evictTrace(traceId: string, trace: HeldTrace): void {
    this.#remove(traceId);
    this.#bytes -= trace.bytes;
    this.#spans -= trace.spans.size + trace.logs.length;
    this.#counts.evictedTraces++;
    if (trace.failed) this.#counts.evictedErrors++;
    this.#counts.evictedSpans += trace.spans.size;
    for (const key of trace.eventKeys) this.#removeEvent(key);
  }

  #evictEvent(key: string): void {
    const traceId = this.#events.get(key)?.event.traceId;
    this.#removeEvent(key);
    const trace = traceId === undefined ? undefined : this.#traces.get(traceId);
    if (traceId === undefined || trace === undefined) return;
    trace.eventKeys.delete(key);
    this.#changed(trace);
    this.#dropIfEmpty(traceId, trace);
  }

  #removeEvent(key: string): void {
    this.#bytes -= this.#events.get(key)?.bytes ?? 0;
    this.#quietEvents.delete(key);
    if (this.#events.delete(key)) this.#counts.evictedEvents++;
  }

  #dropIfEmpty(traceId: string, trace: HeldTrace): void {
    const { spans, eventKeys, logs } = trace;
    if (spans.size + eventKeys.size + logs.length === 0) this.#remove(traceId);
  }

  #remove(traceId: string): void {
    this.#traces.delete(traceId);
    this.#quietTraces.delete(traceId);
    this.#removals++;
    this.#revision++;
  }

  #changed(trace: HeldTrace): void {
    trace.revision = ++this.#revision;
    trace.summary = undefined;
  }

  #touch(traceId: string): HeldTrace {
    const trace = this.#traces.get(traceId) ?? {
      spans: new Map(),
      eventKeys: new Set(),
      logs: [],
      failed: false,
      bytes: 0,
      revision: 0,
      summary: undefined,
    };
    this.#traces.delete(traceId);
    this.#traces.set(traceId, trace);
    this.#quietTraces.delete(traceId);
    if (!trace.failed) this.#quietTraces.add(traceId);
    return trace;
  }

  #contentOf(trace: HeldTrace): Content {
    return {
      spans: [...trace.spans.values()].sort(byStart),
      events: [...trace.eventKeys].flatMap((key) => this.#events.get(key)?.event ?? []),
      logs: trace.logs,
    };
  }
}

/** What is to be seen of a trace at a glance; its spans are ordered by start. */
function summarize(traceId: string, { spans, events, logs }: Content): TraceSummary {
  // While only events have come, they say what they can.
  const others = spans.length > 0 ? [] : events;
  const times = others.map(({ timestamp = "" }) => Date.parse(timestamp) || 0);
  const start = spans[0]?.startTimeMs ?? (times.length > 0 ? Math.min(...times) : 0);
  const latest = (end: number, span: ReceivedSpan): number =>
    Math.max(end, span.startTimeMs + span.durationMs);
  const first = spans.find((span) => span.parentSpanId === undefined) ?? spans[0];
  const sessionIds = new Set([
    ...spans.map(({ resource }) => asText(resource["session.id"])),
    ...others.map(({ properties }) => asText(properties["$session_id"])),
  ]);
  sessionIds.delete("");
  return {
    traceId,
    name: first?.name ?? events[0]?.event ?? (logs.length > 0 ? "Log records" : ""),
    tiers: [...new Set([...spans, ...logs, ...others].map(({ tier = "unknown" }) => tier))],
    sessionIds: [...sessionIds],
    spanCount: spans.length,
    eventCount: events.length,
    errorCount: findErrors(spans, events).length,
    cancelledCount: spans.filter(isCancelled).length,
    startTimeMs: start,
    durationMs: spans.reduce(latest, start) - start,
  };
}

function byStart(left: ReceivedSpan, right: ReceivedSpan): number {
  return Number(BigInt(left.startTimeUnixNano) - BigInt(right.startTimeUnixNano));
}

function rowOf(span: ReceivedSpan): SpanRow {
  const { spanId, parentSpanId, name, tier, kind, startTimeMs, durationMs, statusCode } = span;
  return {
    spanId,
    parentSpanId,
    name,
    tier,
    kind,
    startTimeMs,
    durationMs,
    statusCode,
    cancelled: isCancelled(span),
    unfinished: isUnfinished(span),
  };
}
