import type { InspectorCounts, InspectorOptions } from "./startInspector.js";
import { asText } from "./jsonMembers.js";
import type { ReceivedEvent, ReceivedSpan, ReceivedTrace, TraceSummary } from "./ReceivedTrace.js";
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
>;

/** A trace for a waterfall, a tenth of the bytes of the whole: attributes are asked for span by span. */
export interface TraceRows extends TraceSummary {
  /** Ordered by start time. */
  readonly rows: readonly SpanRow[];
  readonly events: readonly ReceivedEvent[];
}

/** What changed since a revision. */
export interface TraceChanges {
  /** To ask with the next time. */
  readonly revision: number;
  /** Grows when traces are forgotten: whoever keeps a list of them starts over. */
  readonly removals: number;
  readonly traces: readonly TraceSummary[];
}

interface HeldTrace {
  readonly spans: Map<string, ReceivedSpan>;
  readonly eventKeys: Set<string>;
  /** Bytes of its spans; those of its events are kept with the events. */
  bytes: number;
  /** The store's revision when this trace changed last. */
  revision: number;
  /** Kept until the trace changes: a list of all traces would otherwise sort all spans. */
  summary: TraceSummary | undefined;
}

type Content = Pick<ReceivedTrace, "spans" | "events">;

/**
 * Spans and events, joined by trace id and bounded in number and in bytes. Maps keep the order of insertion:
 * traces are moved to the end when they change, so the first is the one longest without change.
 */
export class TraceStore {
  readonly #limits: StoreLimits;
  readonly #traces = new Map<string, HeldTrace>();
  readonly #events = new Map<string, { event: ReceivedEvent; bytes: number }>();
  readonly #counts: { -readonly [name in keyof StoreCounts]: number } = {
    spans: 0,
    events: 0,
    duplicateSpans: 0,
    duplicateEvents: 0,
    rejectedSpans: 0,
    evictedTraces: 0,
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
    const { spans, events } = content;
    return { ...summarize(traceId, content), rows: spans.map(rowOf), events };
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
    return { revision: this.#revision, removals: this.#removals, traces };
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

  events(): readonly ReceivedEvent[] {
    return [...this.#events.values()].map((held) => held.event);
  }

  counts(): StoreCounts {
    return { ...this.#counts };
  }

  clear(): void {
    this.#traces.clear();
    this.#events.clear();
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
    this.#bytes += bytes;
    this.#revision++;
    if (event.traceId !== undefined) {
      const trace = this.#touch(event.traceId);
      trace.eventKeys.add(key);
      this.#changed(trace);
    }
    this.#makeRoom(0, 0, event.traceId);
    const { maxEvents, maxHeldBytes } = this.#limits;
    for (const [oldest] of this.#events) {
      if (this.#events.size <= maxEvents && this.#bytes <= maxHeldBytes) break;
      this.#evictEvent(oldest);
    }
  }

  #hasRoom(spans: number, bytes: number): boolean {
    const { maxSpans, maxHeldBytes } = this.#limits;
    return this.#spans + spans <= maxSpans && this.#bytes + bytes <= maxHeldBytes;
  }

  /** Forgets traces, the stalest first, until the addition fits or only the trace to keep is left. */
  #makeRoom(spans: number, bytes: number, keep: string | undefined): void {
    for (const [traceId, trace] of this.#traces) {
      if (this.#traces.size <= this.#limits.maxTraces && this.#hasRoom(spans, bytes)) return;
      if (traceId !== keep) this.#evictTrace(traceId, trace);
    }
  }

  #evictTrace(traceId: string, trace: HeldTrace): void {
    this.#remove(traceId);
    this.#bytes -= trace.bytes;
    this.#spans -= trace.spans.size;
    this.#counts.evictedTraces++;
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
    if (this.#events.delete(key)) this.#counts.evictedEvents++;
  }

  #dropIfEmpty(traceId: string, trace: HeldTrace): void {
    if (trace.spans.size === 0 && trace.eventKeys.size === 0) this.#remove(traceId);
  }

  #remove(traceId: string): void {
    this.#traces.delete(traceId);
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
      bytes: 0,
      revision: 0,
      summary: undefined,
    };
    this.#traces.delete(traceId);
    this.#traces.set(traceId, trace);
    return trace;
  }

  #contentOf(trace: HeldTrace): Content {
    return {
      spans: [...trace.spans.values()].sort(byStart),
      events: [...trace.eventKeys].flatMap((key) => this.#events.get(key)?.event ?? []),
    };
  }
}

/** What is to be seen of a trace at a glance; its spans are ordered by start. */
function summarize(traceId: string, { spans, events }: Content): TraceSummary {
  const start = spans[0]?.startTimeMs ?? 0;
  const latest = (end: number, span: ReceivedSpan): number =>
    Math.max(end, span.startTimeMs + span.durationMs);
  const first = spans.find((span) => span.parentSpanId === undefined) ?? spans[0];
  const sessionIds = new Set(spans.map(({ resource }) => asText(resource["session.id"])));
  sessionIds.delete("");
  return {
    traceId,
    name: first?.name ?? events[0]?.event ?? "",
    tiers: [...new Set(spans.map((span) => span.tier))],
    sessionIds: [...sessionIds],
    spanCount: spans.length,
    eventCount: events.length,
    errorCount: spans.filter((span) => span.statusCode === ERROR_STATUS).length,
    startTimeMs: start,
    durationMs: spans.reduce(latest, start) - start,
  };
}

function byStart(left: ReceivedSpan, right: ReceivedSpan): number {
  return Number(BigInt(left.startTimeUnixNano) - BigInt(right.startTimeUnixNano));
}

function rowOf(span: ReceivedSpan): SpanRow {
  const { spanId, parentSpanId, name, tier, kind, startTimeMs, durationMs, statusCode } = span;
  return { spanId, parentSpanId, name, tier, kind, startTimeMs, durationMs, statusCode };
}
