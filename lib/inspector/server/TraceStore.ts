import type { InspectorCounts } from "./InspectorCounts.js";
import type { ReceivedEvent } from "./ReceivedEvent.js";
import type { ReceivedSpan } from "./ReceivedSpan.js";
import type { ReceivedTrace, TraceSummary } from "./ReceivedTrace.js";
import { summarizeTrace } from "./summarizeTrace.js";

export interface StoreLimits {
  readonly maxTraces: number;
  readonly maxSpans: number;
  readonly maxEvents: number;
  readonly maxHeldBytes: number;
}

type StoreCounts = Omit<
  InspectorCounts,
  "connections" | "openConnections" | "evictedConnections" | "requests"
>;

interface HeldTrace {
  readonly spans: Map<string, ReceivedSpan>;
  readonly eventKeys: Set<string>;
  /** Bytes of its spans; those of its events are kept with the events. */
  bytes: number;
  /** Of the store, when this trace changed last. */
  revision: number;
  /** Kept until the trace changes: a list of all traces would otherwise sort all spans. */
  summary: TraceSummary | undefined;
}

/** What changed since a revision. */
export interface TraceChanges {
  /** To ask with the next time. */
  readonly revision: number;
  /** Grows when traces are forgotten: whoever keeps a list of them starts over. */
  readonly removals: number;
  readonly traces: readonly TraceSummary[];
}

interface HeldEvent {
  readonly event: ReceivedEvent;
  readonly bytes: number;
}

/**
 * Spans and events, joined by trace id and bounded in number and in bytes. Maps keep the order of insertion:
 * traces are moved to the end when they change, so the first is the one longest without change.
 */
export class TraceStore {
  readonly #limits: StoreLimits;
  readonly #traces = new Map<string, HeldTrace>();
  readonly #events = new Map<string, HeldEvent>();
  readonly #counts: { -readonly [name in keyof StoreCounts]: number };
  #spans = 0;
  #bytes = 0;
  #unnamedEvents = 0;
  #revision = 0;
  #removals = 0;

  constructor(limits: StoreLimits) {
    this.#limits = limits;
    this.#counts = {
      spans: 0,
      events: 0,
      duplicateSpans: 0,
      duplicateEvents: 0,
      rejectedSpans: 0,
      evictedTraces: 0,
      evictedSpans: 0,
      evictedEvents: 0,
    };
  }

  /** Takes in the spans of a body of so many bytes; returns how many did not fit. */
  addSpans(spans: readonly ReceivedSpan[], bodyBytes: number): number {
    const bytes = bodyBytes / Math.max(spans.length, 1);
    return spans.filter((span) => !this.#addSpan(span, bytes)).length;
  }

  addEvents(events: readonly ReceivedEvent[], bodyBytes: number): void {
    const bytes = bodyBytes / Math.max(events.length, 1);
    for (const event of events) this.#addEvent(event, bytes);
  }

  /** Counts spans that could not be read at all. */
  countRejected(spans: number): void {
    this.#counts.rejectedSpans += spans;
  }

  traces(): readonly ReceivedTrace[] {
    return [...this.#traces].map(([traceId, trace]) => this.#snapshot(traceId, trace));
  }

  trace(traceId: string): ReceivedTrace | undefined {
    const trace = this.#traces.get(traceId);
    return trace === undefined ? undefined : this.#snapshot(traceId, trace);
  }

  /** Grows with everything that is taken in or forgotten. */
  get revision(): number {
    return this.#revision;
  }

  /** The summaries of the traces that changed after a revision; all of them after 0. */
  changesSince(revision: number): TraceChanges {
    const changed = [...this.#traces].filter(([, trace]) => trace.revision > revision);
    const traces = changed.map(
      ([traceId, trace]) => (trace.summary ??= summaryOf(this.#snapshot(traceId, trace))),
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
    this.#makeRoom({ spans: 1, bytes, keep: span.traceId });
    if (
      this.#spans + 1 > this.#limits.maxSpans ||
      this.#bytes + bytes > this.#limits.maxHeldBytes
    ) {
      this.#counts.rejectedSpans++;
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
    this.#makeRoom({ spans: 0, bytes: 0, keep: event.traceId });
    while (
      this.#events.size > this.#limits.maxEvents ||
      (this.#bytes > this.#limits.maxHeldBytes && this.#events.size > 0)
    )
      this.#evictOldestEvent();
  }

  /** Forgets traces, the stalest first, until the addition fits or only the trace to keep is left. */
  #makeRoom({
    spans,
    bytes,
    keep,
  }: {
    spans: number;
    bytes: number;
    keep: string | undefined;
  }): void {
    const { maxTraces, maxSpans, maxHeldBytes } = this.#limits;
    for (const [traceId, trace] of this.#traces) {
      if (
        this.#traces.size <= maxTraces &&
        this.#spans + spans <= maxSpans &&
        this.#bytes + bytes <= maxHeldBytes
      )
        return;
      if (traceId !== keep) this.#evictTrace(traceId, trace);
    }
  }

  #evictTrace(traceId: string, trace: HeldTrace): void {
    this.#traces.delete(traceId);
    this.#removals++;
    this.#revision++;
    this.#bytes -= trace.bytes;
    this.#spans -= trace.spans.size;
    this.#counts.evictedTraces++;
    this.#counts.evictedSpans += trace.spans.size;
    for (const key of trace.eventKeys) this.#removeEvent(key);
  }

  #evictOldestEvent(): void {
    const oldest = this.#events.keys().next();
    if (oldest.done === true) return;
    const traceId = this.#events.get(oldest.value)?.event.traceId;
    this.#removeEvent(oldest.value);
    const trace = traceId === undefined ? undefined : this.#traces.get(traceId);
    if (traceId === undefined || trace === undefined) return;
    trace.eventKeys.delete(oldest.value);
    this.#changed(trace);
    this.#dropIfEmpty(traceId, trace);
  }

  #removeEvent(key: string): void {
    this.#bytes -= this.#events.get(key)?.bytes ?? 0;
    if (this.#events.delete(key)) this.#counts.evictedEvents++;
  }

  #dropIfEmpty(traceId: string, trace: HeldTrace): void {
    if (trace.spans.size > 0 || trace.eventKeys.size > 0) return;
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

  #snapshot(traceId: string, trace: HeldTrace): ReceivedTrace {
    const events = [...trace.eventKeys].flatMap((key) => this.#events.get(key)?.event ?? []);
    return summarizeTrace(traceId, trace.spans.values(), events);
  }
}

function summaryOf({
  traceId,
  name,
  tiers,
  sessionIds,
  spanCount,
  eventCount,
  errorCount,
  startTimeMs,
  durationMs,
}: ReceivedTrace): TraceSummary {
  return {
    traceId,
    name,
    tiers,
    sessionIds,
    spanCount,
    eventCount,
    errorCount,
    startTimeMs,
    durationMs,
  };
}
