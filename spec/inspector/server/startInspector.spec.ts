import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { PostHog } from "posthog-node";
import type { Inspector, SeenRequest } from "../../../lib/inspector/server/startInspector.js";
import { startInspector } from "../../../lib/inspector/server/startInspector.js";
import {
  CHILD_ID,
  ROOT_ID,
  TRACE_ID,
  otlpRequest,
  otlpSpan,
  postHogBatch,
  postHogEvent,
} from "./payloads.js";
import { postJson, request } from "./request.js";
import { exactly } from "../../support/exactly.js";

const run = promisify(execFile);

/** Runs in its own process: the exporter loads its transport by `import()`, which jest's sandbox forbids. */
const OFFICIAL_SENDER = `
  const { SpanStatusCode } = require("@opentelemetry/api");
  const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-http");
  const { resourceFromAttributes } = require("@opentelemetry/resources");
  const { BasicTracerProvider, SimpleSpanProcessor } = require("@opentelemetry/sdk-trace-base");
  const exporter = new OTLPTraceExporter({ url: process.argv[1] + "/v1/traces" });
  const resource = resourceFromAttributes({ "service.name": "land-editor-air" });
  const provider = new BasicTracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const span = provider.getTracer("land.air", "0.0.1").startSpan("land:air:hash", { attributes: { "land.files": 3 } });
  span.recordException(new RangeError("too far"));
  span.setStatus({ code: SpanStatusCode.ERROR, message: "too far" });
  span.end();
  provider.shutdown().then(() => console.log(JSON.stringify(span.spanContext())));
`;

describe("startInspector", () => {
  let inspector: Inspector;
  const seen: SeenRequest[] = [];

  beforeEach(async () => {
    seen.length = 0;
    inspector = await startInspector({ onRequest: (one) => seen.push(one) });
  });
  afterEach(() => inspector.close());

  it("listens on loopback, on a free port, and says where", async () => {
    const other = await startInspector();
    expect(inspector.url).toBe(`http://127.0.0.1:${inspector.port}`);
    expect(other.port).not.toBe(inspector.port);
    await other.close();
  });

  it("joins spans and events by trace id", async () => {
    const spans = [
      otlpSpan({ spanId: CHILD_ID, parentSpanId: ROOT_ID, name: "inner" }),
      otlpSpan({ name: "outer" }),
    ];
    await postJson(`${inspector.url}/v1/traces`, otlpRequest(spans));
    await postJson(
      `${inspector.url}/batch/`,
      postHogBatch([postHogEvent(), postHogEvent({ uuid: "u2", properties: {} })]),
    );

    const trace = inspector.trace(TRACE_ID.toUpperCase());
    expect(trace).toMatchObject({
      name: "outer",
      tiers: ["cocoon"],
      sessionIds: ["s-1"],
      spanCount: 2,
      eventCount: 1,
      orphans: [],
    });
    expect(trace?.events).toEqual([
      expect.objectContaining({
        event: "land:cocoon:error",
        traceId: TRACE_ID,
        spanId: CHILD_ID,
        tier: "cocoon",
      }),
    ]);
    expect(inspector.traces()).toHaveLength(1);
    expect(inspector.events()).toHaveLength(2);
  });

  it("names the spans whose parent has not arrived", async () => {
    await postJson(
      `${inspector.url}/v1/traces`,
      otlpRequest([otlpSpan({ parentSpanId: CHILD_ID })]),
    );
    expect(inspector.trace(TRACE_ID)?.orphans.map((span) => span.spanId)).toEqual([ROOT_ID]);
    await postJson(`${inspector.url}/v1/traces`, otlpRequest([otlpSpan({ spanId: CHILD_ID })]));
    expect(inspector.trace(TRACE_ID)?.orphans).toEqual([]);
  });

  it("unpacks every kind of attribute value, and treats any key as a mere name", async () => {
    const attributes = [
      { key: "text", value: { stringValue: "a" } },
      { key: "yes", value: { boolValue: true } },
      { key: "int", value: { intValue: "42" } },
      { key: "big", value: { intValue: "9007199254740993" } },
      { key: "double", value: { doubleValue: 1.5 } },
      { key: "list", value: { arrayValue: { values: [{ intValue: 1 }, { stringValue: "b" }] } } },
      {
        key: "record",
        value: { kvlistValue: { values: [{ key: "k", value: { stringValue: "v" } }] } },
      },
      {
        key: "__proto__",
        value: { kvlistValue: { values: [{ key: "polluted", value: { boolValue: true } }] } },
      },
      { key: "nothing", value: {} },
    ];
    await postJson(`${inspector.url}/v1/traces`, otlpRequest([otlpSpan({ attributes })]));
    const received = inspector.trace(TRACE_ID)?.spans[0]?.attributes ?? {};
    expect(Object.entries(received)).toEqual([
      ["text", "a"],
      ["yes", true],
      ["int", 42],
      ["big", "9007199254740993"],
      ["double", 1.5],
      ["list", [1, "b"]],
      ["record", { k: "v" }],
      ["__proto__", { polluted: true }],
      ["nothing", null],
    ]);
    expect(received["polluted"]).toBeUndefined();
  });

  it("fills in what a span may lack (opentelemetry-proto, trace.proto)", async () => {
    const span = { traceId: TRACE_ID, spanId: ROOT_ID };
    const times = { startTimeUnixNano: "1000000000", endTimeUnixNano: "1000000000" };
    await postJson(`${inspector.url}/v1/traces`, {
      resourceSpans: [{ scopeSpans: [{ spans: [{ ...span, ...times }] }] }],
    });
    expect(inspector.trace(TRACE_ID)?.spans).toMatchObject([
      {
        ...span,
        parentSpanId: undefined,
        name: "",
        kind: 0,
        tier: "unknown",
        startTimeMs: 1_000,
        durationMs: 0,
        statusCode: 0,
        statusMessage: "",
        attributes: exactly({}),
        events: [],
        links: [],
      },
    ]);
  });

  it("accepts what the official exporter sends", async () => {
    const { stdout } = await run(process.execPath, ["-e", OFFICIAL_SENDER, inspector.url], {
      cwd: process.cwd(),
    });
    const { traceId, spanId } = JSON.parse(stdout) as { traceId: string; spanId: string };
    const received = await inspector.waitFor((it) => it.trace(traceId)?.spans[0]);
    expect(received).toMatchObject({
      spanId,
      name: "land:air:hash",
      tier: "air",
      kind: 1,
      statusCode: 2,
      statusMessage: "too far",
      attributes: { "land.files": 3 },
      scope: { name: "land.air", version: "0.0.1" },
      parentSpanId: undefined,
    });
    expect(received.events[0]).toMatchObject({
      name: "exception",
      attributes: { "exception.type": "RangeError", "exception.message": "too far" },
    });
    expect(BigInt(received.endTimeUnixNano)).toBeGreaterThanOrEqual(
      BigInt(received.startTimeUnixNano),
    );
  });

  it("accepts what posthog-node sends, gzipped", async () => {
    const client = new PostHog("phc_example", { host: inspector.url, flushAt: 1 });
    client.capture({
      distinctId: "ada",
      event: "land:air:session:start",
      properties: { $tier: "air", $trace_id: TRACE_ID, $span_id: ROOT_ID },
    });
    await client.shutdown();

    const [event] = await inspector.waitFor((it) =>
      it.events().length > 0 ? it.events() : undefined,
    );
    expect(event).toMatchObject({
      event: "land:air:session:start",
      distinctId: "ada",
      apiKey: "phc_example",
      tier: "air",
      traceId: TRACE_ID,
      spanId: ROOT_ID,
    });
    expect(seen.map((one) => one.headers["content-encoding"])).toEqual(["gzip"]);
  });

  it.each(["/v1/traces", "/team/a/v1/traces", "/v1/traces?key=1"])(
    "accepts OTLP at %s, plain and gzipped",
    async (path) => {
      const headers = { "content-type": "application/json; charset=utf-8" };
      const plain = await request(inspector.url + path, {
        method: "POST",
        headers,
        body: JSON.stringify(otlpRequest([otlpSpan()])),
      });
      const second = gzipSync(JSON.stringify(otlpRequest([otlpSpan({ spanId: CHILD_ID })])));
      const packed = await request(inspector.url + path, {
        method: "POST",
        headers: { ...headers, "content-encoding": "gzip" },
        body: second,
      });
      expect([plain.status, plain.json, packed.status, packed.json]).toEqual([
        200,
        { partialSuccess: {} },
        200,
        { partialSuccess: {} },
      ]);
      expect(inspector.trace(TRACE_ID)?.spanCount).toBe(2);
      expect(inspector.requests()).toEqual([{ route: "/v1/traces", status: 200, count: 2 }]);
    },
  );

  it.each(["/batch/", "/batch", "/ingest/batch/", "/ingest/batch?compression=gzip-js&ver=1"])(
    "accepts events at %s, plain, and gzipped with or without a header",
    async (path) => {
      const body = (uuid: string): string => JSON.stringify(postHogBatch([postHogEvent({ uuid })]));
      const answers = [
        await request(inspector.url + path, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: body("1"),
        }),
        await request(inspector.url + path, {
          method: "POST",
          headers: { "content-encoding": "gzip" },
          body: gzipSync(body("2")),
        }),
        await request(inspector.url + path, {
          method: "POST",
          headers: { "content-type": "text/plain" },
          body: gzipSync(body("3")),
        }),
      ];
      expect(answers.map((answer) => [answer.status, answer.json])).toEqual(
        Array(3).fill([200, { status: 1 }]),
      );
      expect(inspector.events().map((event) => event.uuid)).toEqual(["1", "2", "3"]);
      expect(inspector.requests()).toEqual([{ route: "/batch/", status: 200, count: 3 }]);
    },
  );

  it("keeps the first of duplicate spans and events, and counts the rest", async () => {
    for (const name of ["first", "second"])
      await postJson(`${inspector.url}/v1/traces`, otlpRequest([otlpSpan({ name })]));
    for (let n = 0; n < 3; n++)
      await postJson(`${inspector.url}/batch/`, postHogBatch([postHogEvent()]));
    expect(inspector.trace(TRACE_ID)?.spans.map((span) => span.name)).toEqual(["first"]);
    expect(inspector.counts()).toMatchObject({
      requests: 5,
      spans: 1,
      events: 1,
      duplicateSpans: 1,
      duplicateEvents: 2,
    });
  });

  it("serves what it holds as JSON", async () => {
    await postJson(`${inspector.url}/v1/traces`, otlpRequest([otlpSpan()]));
    await postJson(`${inspector.url}/batch/`, postHogBatch([postHogEvent()]));

    const list = await request(`${inspector.url}/api/traces`);
    expect(list.json).toMatchObject({
      revision: expect.any(Number),
      removals: 0,
      traces: [expect.objectContaining({ traceId: TRACE_ID, spanCount: 1, eventCount: 1 })],
    });
    expect(list.text).not.toContain("startTimeUnixNano");
    const one = await request(`${inspector.url}/api/traces/${TRACE_ID}`);
    expect(one.json).toEqual(JSON.parse(JSON.stringify(inspector.trace(TRACE_ID))));
    expect((await request(`${inspector.url}/api/events`)).json).toEqual({
      events: [expect.objectContaining({ event: "land:cocoon:error" })],
    });
    expect((await request(`${inspector.url}/api/counts`)).json).toMatchObject({
      spans: 1,
      events: 1,
    });
    expect((await request(`${inspector.url}/api/traces/${"1".repeat(32)}`)).status).toBe(404);
    expect((await request(`${inspector.url}/api/traces`, { method: "HEAD" })).status).toBe(200);
  });

  it("shows every answered request to the observer, whose exceptions do no harm", async () => {
    const clumsy = await startInspector({
      onRequest: () => {
        throw new Error("mine");
      },
    });
    expect((await postJson(`${clumsy.url}/batch/`, postHogBatch([postHogEvent()]))).status).toBe(
      200,
    );
    await clumsy.close();

    await postJson(`${inspector.url}/p/batch/?a=1`, postHogBatch([]), { "x-mine": "1" });
    await request(`${inspector.url}/nowhere`);
    expect(seen).toEqual([
      expect.objectContaining({
        method: "POST",
        path: "/p/batch/?a=1",
        route: "/batch/",
        status: 200,
        body: postHogBatch([]),
      }),
      expect.objectContaining({
        method: "GET",
        path: "/nowhere",
        route: "other",
        status: 404,
        body: undefined,
      }),
    ]);
    expect(seen[0]?.headers["x-mine"]).toBe("1");
  });

  it("lets callers wait for a state, and rejects with the reason if it never comes", async () => {
    const waiting = inspector.waitFor((it) => it.trace(TRACE_ID));
    await postJson(`${inspector.url}/v1/traces`, otlpRequest([otlpSpan()]));
    expect((await waiting).traceId).toBe(TRACE_ID);
    await expect(inspector.waitFor(() => false, { timeoutMs: 1 })).rejects.toThrow(
      /Timed out.*"spans":1.*"\/v1\/traces"/,
    );
    const mistake = new Error("find failed");
    await expect(
      inspector.waitFor(() => {
        throw mistake;
      }),
    ).rejects.toBe(mistake);
    const unfinished = inspector.waitFor(() => undefined);
    await Promise.all([
      inspector.close(),
      expect(unfinished).rejects.toThrow("The receiver was closed"),
    ]);
  });

  it("notifies subscribers of changes until they unsubscribe", async () => {
    let calls = 0;
    const stop = inspector.subscribe(() => calls++);
    await postJson(`${inspector.url}/batch/`, postHogBatch([]));
    inspector.clear();
    stop();
    inspector.clear();
    expect(calls).toBe(2);
  });

  it("forgets what it holds on clear, but keeps its counts", async () => {
    await postJson(`${inspector.url}/v1/traces`, otlpRequest([otlpSpan()]));
    await postJson(`${inspector.url}/batch/`, postHogBatch([postHogEvent()]));
    inspector.clear();
    expect([inspector.traces(), inspector.events()]).toEqual([[], []]);
    expect(inspector.counts()).toMatchObject({ spans: 1, events: 1, evictedTraces: 0 });
  });

  it("can be closed twice, and frees its port for the next receiver", async () => {
    await Promise.all([inspector.close(), inspector.close()]);
    const next = await startInspector({ port: inspector.port });
    expect(next.port).toBe(inspector.port);
    await expect(startInspector({ port: inspector.port })).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
    await next.close();
  });

  it.each([
    [{ host: "0.0.0.0" }, /host "0.0.0.0" can be reached from other machines; set allowRemote/],
    [{ maxSpans: 0 }, /maxSpans is 0/],
    [{ maxBodyBytes: Number.NaN }, /maxBodyBytes is NaN/],
    [{ requestTimeoutMs: -1 }, /requestTimeoutMs is -1/],
    [{ editor: "java script" }, /editor is "java script"; a scheme such as vscode/],
  ])("refuses the options %j, naming the one at fault", async (options, message) => {
    await expect(startInspector(options)).rejects.toThrow(message);
  });

  it.each([
    ["/v1/metrics", "application/json", "{}"],
    ["/v1/logs", "application/json", "{}"],
    ["/v1/metrics", "application/x-protobuf", ""],
    ["/v1/logs", "application/x-protobuf", ""],
  ])(
    "accepts %s as %s and counts it, so that its sender sees no failure",
    async (path, type, text) => {
      const inspector = await startInspector();
      const answer = await request(inspector.url + path, {
        method: "POST",
        headers: { "content-type": type },
        body: text,
      });
      expect([answer.status, answer.text]).toEqual([200, text]);
      expect(inspector.requests()).toContainEqual({ route: path, status: 200, count: 1 });
      expect(inspector.counts().spans).toBe(0);
      await inspector.close();
    },
  );

  it.each([
    ["the tier it names", { "land.tier": "air", "service.name": "mine" }, "land.cocoon", "air"],
    ["the tier in Land's service names", { "service.name": "land-editor-grove" }, "x", "grove"],
    ["the tier in Land's scopes", { "service.name": "mine" }, "land.cocoon", "cocoon"],
    ["its service name, where there is no tier", { "service.name": "my-python" }, "x", "my-python"],
    ["unknown, where there is neither", {}, "x", "unknown"],
  ])("shows a span under %s", async (_what, resource, name, tier) => {
    const inspector = await startInspector();
    const attributes = Object.entries(resource).map(([key, stringValue]) => ({
      key,
      value: { stringValue },
    }));
    const scopeSpans = [{ scope: { name }, spans: [otlpSpan()] }];
    await request(`${inspector.url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans }] }),
    });
    expect(inspector.traces()[0]?.tiers).toEqual([tier]);
    await inspector.close();
  });
});
