import type { ReceivedLog } from "../server/ReceivedTrace.js";
import type { SpanRow, TraceRows } from "../server/TraceStore.js";
import { formatValue } from "./format.js";

/** Log records have no ids. In URLs and rows they get `ffffffff` and their index, 16 hex digits like a span id. */
const LOG_ID = /^ffffffff([0-9a-f]{8})$/;

/** The log record with such an id; undefined for any other id. */
export function logOf({ logs }: TraceRows, id: string): ReceivedLog | undefined {
  const [, place] = LOG_ID.exec(id) ?? [];
  return place === undefined ? undefined : logs[parseInt(place, 16)];
}

/** The spans of a trace and its log records as children of their spans, ordered by start time. */
export function rowsWithLogs({ rows, logs }: TraceRows): readonly SpanRow[] {
  const ofLogs = logs.map(({ spanId, severity, body, tier, timeMs }, place) => ({
    spanId: `ffffffff${place.toString(16).padStart(8, "0")}`,
    parentSpanId: spanId,
    name: `${severity} ${formatValue(body)}`,
    tier,
    kind: 0,
    startTimeMs: timeMs,
    durationMs: 0,
    statusCode: 0,
    cancelled: false,
    unfinished: false,
  }));
  return [...rows, ...ofLogs].sort((left, right) => left.startTimeMs - right.startTimeMs);
}
