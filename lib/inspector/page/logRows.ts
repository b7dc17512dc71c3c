import type { ReceivedLog } from "../server/ReceivedTrace.js";
import type { SpanRow, TraceRows } from "../server/TraceStore.js";
import { formatValue } from "./format.js";

/** Log records have no ids. In the address and as rows they have one made of this and their place, 16 digits like a span's. */
const LOG_ID = /^ffffffff([0-9a-f]{8})$/;

/** The log record that goes by this id. */
export function logOf({ logs }: TraceRows, id: string): ReceivedLog | undefined {
  const [, place] = LOG_ID.exec(id) ?? [];
  return place === undefined ? undefined : logs[parseInt(place, 16)];
}

/** The spans of a trace, and its log records as rows below theirs, all in order of time. */
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
