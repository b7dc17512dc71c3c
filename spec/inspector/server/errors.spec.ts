import type { Inspector } from "../../../lib/inspector/server/startInspector.js";
import { startInspector } from "../../../lib/inspector/server/startInspector.js";
import type { SpanChoice } from "./payloads.js";
import {
  CHILD_ID,
  deathOf,
  otlpRequest,
  otlpSpan,
  postHogBatch,
  postHogEvent,
  TRACE_ID,
} from "./payloads.js";
import { postJson, request } from "./request.js";

interface Found {
  readonly spanIds: readonly string[];
  readonly type: string;
  readonly message: string;
  readonly causes: readonly unknown[];
  readonly event: unknown;
}

let inspector: Inspector;
beforeEach(async () => {
  inspector = await startInspector({ maxTraces: 10, maxEvents: 10 });
});
afterEach(() => inspector.close());

const id = (number: number): string => number.toString(16).padStart(16, "0");
const failed = (choice: SpanChoice, message: string, type = "Error"): unknown => ({
  ...otlpSpan(choice),
  status: { code: 2, message },
  events: [
    {
      name: "exception",
      timeUnixNano: "1760000000000000000",
      attributes: Object.entries({
        type,
        message,
        stacktrace: `${type}: ${message}\n    at a.js:1:1`,
      }).map(([key, value]) => ({ key: `exception.${key}`, value: { stringValue: value } })),
    },
  ],
});
const sendSpans = (...spans: unknown[]): Promise<unknown> =>
  postJson(`${inspector.url}/v1/traces`, otlpRequest(spans));
const errors = async (): Promise<readonly Found[]> => {
  const { json } = await request(`${inspector.url}/api/errors`);
  return (json as { errors: readonly Found[] }).errors;
};

describe("a received error", () => {
  it("is counted once, at its innermost span, if it went through three spans and an event", async () => {
    await sendSpans(
      failed({ spanId: id(1) }, "While opening: no such file"),
      failed({ spanId: id(2), parentSpanId: id(1) }, "no such file"),
      failed({ spanId: id(3), parentSpanId: id(2) }, "no such file", "ENOENT"),
    );
    const causes = [{ type: "TypeError", message: "why", stack: "    at b.js:1:1" }];
    const properties = { $trace_id: TRACE_ID, $span_id: id(3), error_causes: causes };
    await postJson(`${inspector.url}/batch/`, postHogBatch([postHogEvent({ properties })]));
    const found = await errors();
    expect(found).toMatchObject([
      { spanIds: [id(3), id(2), id(1)], type: "ENOENT", message: "no such file", causes },
    ]);
    expect(found[0]?.event).toMatchObject({ event: "land:cocoon:error" });
    expect(inspector.trace(TRACE_ID)?.errorCount).toBe(1);
  });

  it("is kept apart from an equal failure of a sibling, and from the parent's own failure", async () => {
    await sendSpans(
      failed({ spanId: id(1) }, "two of two files failed"),
      failed({ spanId: id(2), parentSpanId: id(1) }, "no such file"),
      failed({ spanId: id(3), parentSpanId: id(1) }, "no such file"),
    );
    expect((await errors()).map(({ spanIds }) => spanIds)).toEqual([[id(1)], [id(2)], [id(3)]]);
  });

  it("is the child's if only the child sent an event, whatever the parent's message", async () => {
    const sent = [{ key: "posthog.event", value: { stringValue: "land:cocoon:error" } }];
    await sendSpans(
      failed({ spanId: id(1) }, "cannot open the workspace"),
      failed({ spanId: id(2), parentSpanId: id(1), attributes: sent }, "no such file"),
    );
    expect(await errors()).toMatchObject([{ spanIds: [id(2), id(1)], message: "no such file" }]);
  });

  it("counts once for spans that name each other as parents, and once for an event without a span", async () => {
    await sendSpans(
      failed({ spanId: id(1), parentSpanId: id(2) }, "round"),
      failed({ spanId: id(2), parentSpanId: id(1) }, "round"),
    );
    const properties = { error_message: "apart", error_type: "RangeError" };
    await postJson(`${inspector.url}/batch/`, postHogBatch([postHogEvent({ properties })]));
    const found = await errors();
    expect(found.map(({ spanIds }) => spanIds.length).sort()).toEqual([0, 2]);
    expect(found.find(({ message }) => message === "apart")?.type).toBe("RangeError");
  });

  it.each([
    [
      "crash",
      { ended_by: "uncaught", error_type: "TypeError", "process.exit.code": 1 },
      { type: "Process crashed", message: "TypeError, which nobody caught" },
    ],
    [
      "crash",
      { ended_by: "fault", signal: "SIGSEGV", uptime_ms: 1_234, during_launch: true },
      {
        type: "Process crashed",
        message: "SIGSEGV, 1.2 s after its start, while it was launching",
      },
    ],
    [
      "crash",
      { ended_by: "fault", "process.exit.code": 139 },
      { type: "Process crashed", message: "a fault, with code 139" },
    ],
    [
      "vanished",
      { ended_by: "killed", signal: "SIGKILL" },
      { type: "Process vanished", message: "killed by SIGKILL" },
    ],
    [
      "vanished",
      { ended_by: "unknown", uptime_ms: 61_000 },
      {
        type: "Process vanished",
        message: "it went silent, and nobody saw why, 61.0 s after its start",
      },
    ],
    [
      "vanished",
      { ended_by: 7, open_spans: "read" },
      { type: "Process vanished", message: "ended by something unknown", openSpans: [] },
    ],
  ] as const)(
    "is counted once for the death of a process (%s), not for its open spans: %j",
    async (kind, properties, error) => {
      const { span, event } = deathOf(kind, { open_spans: ["$open", "$read"], ...properties });
      await sendSpans(span);
      await postJson(`${inspector.url}/batch/`, postHogBatch([event]));
      expect(await errors()).toMatchObject([
        { spanIds: [], spanId: CHILD_ID, openSpans: ["$open", "$read"], ...error },
      ]);
      expect(inspector.trace(TRACE_ID)).toMatchObject({ errorCount: 1 });
    },
  );

  it("is not a cancelled span, which is counted apart", async () => {
    const attributes = [{ key: "land.cancelled", value: { boolValue: true } }];
    await sendSpans(otlpSpan({ attributes }));
    expect(await errors()).toEqual([]);
    expect(inspector.trace(TRACE_ID)).toMatchObject({ errorCount: 0, cancelledCount: 1 });
  });

  it("is forgotten last: a thousand quick traces do not push it out", async () => {
    await sendSpans(failed({}, "the one that is looked for"));
    const quick = (number: number): unknown =>
      otlpSpan({ traceId: number.toString(16).padStart(32, "0"), spanId: id(number) });
    await sendSpans(...Array.from({ length: 1_000 }, (_, i) => quick(i + 1)));
    expect(inspector.traces()).toHaveLength(10);
    expect(inspector.trace(TRACE_ID)?.errorCount).toBe(1);
    expect(inspector.counts()).toMatchObject({ evictedTraces: 991, evictedErrors: 0 });
    const uuid = (number: number): string => `0190f7a0-0000-7000-8000-${id(number).slice(4)}`;
    const events = (event: string, from: number): unknown[] =>
      Array.from({ length: 30 }, (_, i) =>
        postHogEvent({ event, uuid: uuid(from + i), properties: {} }),
      );
    await postJson(
      `${inspector.url}/batch/`,
      postHogBatch([postHogEvent({ properties: {} }), ...events("quiet", 1_000)]),
    );
    const held = inspector.events().map(({ event }) => event);
    expect([held.length, held.includes("land:cocoon:error")]).toEqual([10, true]);
    // If only errors are held, the oldest are evicted.
    const more = Array.from({ length: 20 }, (_, i) =>
      failed({ traceId: (5_000 + i).toString(16).padStart(32, "0") }, "another"),
    );
    await sendSpans(...more);
    expect(inspector.traces()).toHaveLength(10);
    expect(inspector.trace(TRACE_ID)).toBeUndefined();
    expect(inspector.counts().evictedErrors).toBe(11);
  });
});

it("an error event without a time has the time 0, and comes last", async () => {
  const error = (uuid: string, timestamp?: string): unknown =>
    postHogEvent({ event: "land:air:error", uuid, timestamp });
  const batch = postHogBatch([error("1"), error("2", "2026-01-02T03:04:05.500Z")]);
  await postJson(`${inspector.url}/batch/`, batch);
  expect(await errors()).toMatchObject([
    { timeMs: Date.parse("2026-01-02T03:04:05.500Z") },
    { timeMs: 0 },
  ]);
});

describe("a trace of which only events have arrived", () => {
  it("has their tier, session and time, until a span arrives", async () => {
    const properties = { $tier: "air", $trace_id: TRACE_ID, $session_id: "s-7" };
    const at = (timestamp: string): unknown =>
      postHogEvent({ event: "land:air:disk", uuid: timestamp, timestamp, properties });
    const batch = postHogBatch([at("2026-01-02T03:04:05.678Z"), at("2026-01-02T03:04:05.500Z")]);
    await postJson(`${inspector.url}/batch/`, batch);
    expect(inspector.trace(TRACE_ID)).toMatchObject({
      name: "land:air:disk",
      tiers: ["air"],
      sessionIds: ["s-7"],
      spanCount: 0,
      startTimeMs: Date.parse("2026-01-02T03:04:05.500Z"),
      durationMs: 0,
    });
    await sendSpans(otlpSpan());
    expect(inspector.trace(TRACE_ID)).toMatchObject({ tiers: ["cocoon"], sessionIds: ["s-1"] });
  });
});

describe("log records", () => {
  const record = (choice: object): object => ({
    timeUnixNano: "1760000000005000000",
    severityText: "WARN",
    body: { stringValue: "a slow disk" },
    attributes: [{ key: "disk", value: { stringValue: "sda" } }],
    ...choice,
  });
  const send = (...logRecords: object[]): Promise<unknown> =>
    postJson(`${inspector.url}/v1/logs`, {
      resourceLogs: [
        {
          resource: {
            attributes: [{ key: "service.name", value: { stringValue: "indexer" } }],
          },
          scopeLogs: [{ scope: {}, logRecords }],
        },
      ],
    });

  it("appear in their trace with their time, and are found by search", async () => {
    await sendSpans(otlpSpan());
    await send(record({ traceId: TRACE_ID, spanId: otlpSpan()["spanId"] }), record({}));
    expect(inspector.counts().logs).toBe(2);
    expect(inspector.trace(TRACE_ID)?.logs).toMatchObject([
      { tier: "indexer", timeMs: 1_760_000_000_005, severity: "WARN", body: "a slow disk" },
    ]);
    for (const query of ["slow", "disk=sda"]) {
      const { json } = await request(`${inspector.url}/api/search?q=${encodeURIComponent(query)}`);
      expect(json).toEqual({ found: { [TRACE_ID]: [otlpSpan()["spanId"]] } });
    }
  });

  it("mark their trace as changed, so that its summary is sent again", async () => {
    await sendSpans(otlpSpan());
    const changes = async (since: number): Promise<{ revision: number; traces: unknown[] }> =>
      (await request(`${inspector.url}/api/traces?since=${since}`)).json as never;
    const { revision } = await changes(0);
    expect((await changes(revision)).traces).toEqual([]);
    await send(record({ traceId: TRACE_ID }));
    expect((await changes(revision)).traces).toMatchObject([{ traceId: TRACE_ID }]);
  });

  it("are refused, with the field named, if the body holds none", async () => {
    expect(await postJson(`${inspector.url}/v1/logs`, { resourceLogs: 1 })).toMatchObject({
      status: 400,
      json: { message: "OTLP/JSON is an object with an array `resourceLogs`." },
    });
    const { json } = await request(`${inspector.url}/api/traces`);
    expect(json).toMatchObject({
      refusals: [{ route: "/v1/logs", status: 400, count: 1 }],
    });
  });
});

describe("a search", () => {
  const found = async (query: string): Promise<readonly string[]> => {
    const { json } = await request(`${inspector.url}/api/search?q=${encodeURIComponent(query)}`);
    return Object.values((json as { found: Record<string, string[]> }).found)
      .flat()
      .sort();
  };

  it.each([
    ["rpc.method=$read", [id(1), id(2)]],
    ["rpc.method=$readdir", [id(2)]],
    ["rpc.method=$read >100ms", [id(2)]],
    ["<100ms", [id(1)]],
    ["50ms..150ms", []],
    ["1ms..1s rpc.method=$read", [id(1), id(2)]],
    ["tier=cocoon second one", [id(2)]],
    ["rpc.method=$write", []],
    ["?page=2", [id(2)]],
  ])("understands %s", async (query, expected) => {
    const span = (number: number, method: string, ms: number, name: string): unknown => ({
      ...otlpSpan({
        spanId: id(number),
        name,
        attributes: [{ key: "rpc.method", value: { stringValue: method } }],
      }),
      endTimeUnixNano: String(1_760_000_000_000_000_000n + BigInt(ms) * 1_000_000n),
    });
    await sendSpans(
      span(1, "$read", 20, "first one"),
      span(2, "$readdir", 200, "second one at ?page=2"),
    );
    expect(await found(query)).toEqual(expected);
  });
});
