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

/** The part of a span that a row of the waterfall needs. */
export type SpanRow = Pick<
  ReceivedSpan,
  "spanId" | "parentSpanId" | "name" | "tier" | "kind" | "startTimeMs" | "durationMs" | "statusCode"
> & { readonly cancelled: boolean; readonly unfinished: boolean };

/** A trace for the waterfall, a tenth of the size of the whole: attributes are requested span by span. */
export interface TraceRows extends TraceSummary {
  /** Ordered by start time. */
  readonly rows: readonly SpanRow[];
  readonly events: readonly ReceivedEvent[];
  readonly logs: readonly ReceivedLog[];
  readonly errors: readonly ReceivedError[];
}

/** What changed since a revision. */
export interface TraceChanges {
  /** What to pass as the revision the next time. */
  readonly revision: number;
  /** Increases when traces are removed: whoever keeps a list of them must then reload it. */
  readonly removals: number;
  readonly traces: readonly TraceSummary[];
  readonly counts: StoreCounts;
}

interface HeldTrace {
  readonly spans: Map<string, ReceivedSpan>;
  readonly eventKeys: Set<string>;
  readonly logs: ReceivedLog[];
  /** Whether it has an error, and so is evicted after the traces that have none. */
  failed: boolean;
  /** Bytes of its spans and logs. The bytes of its events are kept with the events. */
  bytes: number;
  /** The store's revision when this trace last changed. */
  revision: number;
  /** Cached until the trace changes, because listing all traces would otherwise sort all spans. */
  summary: TraceSummary | undefined;
}

type Content = Pick<ReceivedTrace, "spans" | "events" | "logs">;

/**
 * Spans, events and logs, joined by trace id and bounded in number and in bytes. Maps keep insertion order, and a trace
 * moves to the end when it changes, so the first trace is the one that has gone longest without a change. Whatever has
 * an error is evicted last, because that is what people look for.
 */
export class TraceStore {
  readonly #limits: StoreLimits;
  readonly #traces = new Map<string, HeldTrace>();
  /** The ids of the traces without an error, in the same order. */
  readonly #quietTraces = new Set<string>();
  readonly #events = new Map<string, { event: ReceivedEvent; bytes: number }>();
  /** The keys of the events that do not report an error, in the same order. */
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

  /** Adds the spans of a body in which `unread` more could not be parsed; returns how many of all are not held. */
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

  /** Adds log records. A record without a trace, or without room for it, is only counted. */
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

  /** The errors of all traces and those that belong to no trace, the newest first. */
  errors(): readonly ReceivedError[] {
    const loose = this.events().filter(({ traceId }) => !this.#traces.has(traceId ?? ""));
    const ofTraces = [...this.#traces.values()].filter(({ failed }) => failed);
    return [...ofTraces.map((trace) => this.#contentOf(trace)), { spans: [], events: loose }]
      .flatMap(({ spans, events }) => findErrors(spans, events))
      .sort((left, right) => right.timeMs - left.timeMs);
  }

  /** Increases with everything that is added or removed. */
  get revision(): number {
    return this.#revision;
  }

  /** The summaries of the traces that changed after a revision; 0 gives all of them. */
  changesSince(revision: number): TraceChanges {
    const changed = [...this.#traces].filter(([, trace]) => trace.revision > revision);
    const traces = changed.map(
      ([traceId, trace]) => (trace.summary ??= summarize(traceId, this.#contentOf(trace))),
    );
    return { revision: this.#revision, removals: this.#removals, traces, counts: this.counts() };
  }

  /** One span, by its ids in lower case. */
  span(traceId: string, spanId: string): ReceivedSpan | undefined {
    return this.#traces.get(traceId)?.spans.get(spanId);
  }

  /** The spans of one trace, or of all traces; those of a trace in order of arrival. */
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

  /** Evicts traces, the stalest without an error first, until the addition fits or only the trace to keep is left. */
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

/** Summarises a trace. Its spans must be ordered by start time. */
function summarize(traceId: string, { spans, events, logs }: Content): TraceSummary {
  // Until a span arrives, the events provide its sessions, tiers and start.
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
