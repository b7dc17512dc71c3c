import type { ReceivedEvent } from "./ReceivedEvent.js";
import type { ReceivedSpan } from "./ReceivedSpan.js";
import type { ReceivedTrace, TraceSummary } from "./ReceivedTrace.js";

/** What a row of a waterfall needs to know of a span. */
export type SpanRow = Pick<
  ReceivedSpan,
  "spanId" | "parentSpanId" | "name" | "tier" | "kind" | "startTimeMs" | "durationMs" | "statusCode"
>;

/** A trace for a waterfall: without attributes, which are asked for span by span. A tenth of the bytes of the whole. */
export interface TraceRows extends TraceSummary {
  /** By start time. */
  readonly rows: readonly SpanRow[];
  readonly events: readonly ReceivedEvent[];
}

/** Leaves out of a trace what only the details of one span show. */
export function traceRows(trace: ReceivedTrace): TraceRows {
  const {
    spans,
    events,
    traceId,
    name,
    tiers,
    sessionIds,
    spanCount,
    eventCount,
    errorCount,
    startTimeMs,
    durationMs,
  } = trace;
  const rows = spans.map(rowOf);
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
    rows,
    events,
  };
}

function rowOf({
  spanId,
  parentSpanId,
  name,
  tier,
  kind,
  startTimeMs,
  durationMs,
  statusCode,
}: ReceivedSpan): SpanRow {
  return { spanId, parentSpanId, name, tier, kind, startTimeMs, durationMs, statusCode };
}
