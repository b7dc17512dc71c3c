import { logOf, rowsWithLogs } from "../../../lib/inspector/page/logRows.js";
import type { TraceRows } from "../../../lib/inspector/server/TraceStore.js";

const TRACE = {
  rows: [
    { spanId: "00000000000000aa", name: "work", startTimeMs: 10 },
    { spanId: "00000000000000bb", name: "rest", startTimeMs: 30 },
  ],
  logs: [
    { spanId: "00000000000000aa", severity: "WARN", body: "late", tier: "air", timeMs: 20 },
    { spanId: undefined, severity: "INFO", body: { at: 1 }, tier: "sky", timeMs: 5 },
  ],
} as unknown as TraceRows;

it("adds the log records of a trace as rows of zero length below their spans, ordered by time", () => {
  const rows = rowsWithLogs(TRACE);
  expect(rows.map(({ name, startTimeMs }) => [name, startTimeMs])).toEqual([
    ['INFO {\n  "at": 1\n}', 5],
    ["work", 10],
    ["WARN late", 20],
    ["rest", 30],
  ]);
  expect(rows[2]).toMatchObject({
    parentSpanId: "00000000000000aa",
    tier: "air",
    durationMs: 0,
    statusCode: 0,
    cancelled: false,
    unfinished: false,
  });
});

it("finds a log record by the id of its row, and none by the id of a span", () => {
  const ids = rowsWithLogs(TRACE).map(({ spanId }) => spanId);
  expect(ids.map((id) => logOf(TRACE, id))).toEqual([
    TRACE.logs[1],
    undefined,
    TRACE.logs[0],
    undefined,
  ]);
  expect(logOf(TRACE, "ffffffff00000007")).toBeUndefined();
});
