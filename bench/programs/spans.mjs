/** One variant of telemetry, which runs jobs when its parent asks; see support/turns.mjs. */
import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";

const [variant, project, url] = process.argv.slice(2);
const require = createRequire(join(project, "package.json"));
const { trace, context, SpanStatusCode } = require("@opentelemetry/api");

/** Fewer than a batch, whose export would be measured too. */
const SPANS = 400;
/** A batch of the default size of both pipelines: its last span triggers the export. */
const BATCH = 512;
const BURST = 100_000;
/** Number of spans that do not fit in the queue in one tick. */
const BURST_LOSS = BURST - 2_048 - 512;
const ERRORS = 300;
const CALLS = 200_000;

const setUps = {
  /** The official SDK, with an exporter that does nothing. */
  bare: () =>
    setUpSdk(
      batching({ export: (spans, done) => done({ code: 0 }), shutdown: () => Promise.resolve() }),
    ),
  /** The official SDK with its exporter. */
  official: () => {
    const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-http");
    const exporter = new OTLPTraceExporter({ url: `${url}/v1/traces` });
    const sdk = setUpSdk(batching(exporter));
    // The provider's flush does not wait for the export that a full batch has already started.
    return { ...sdk, flush: async () => (await sdk.flush(), await exporter.forceFlush()) };
  },
  /** The way of the older tiers: no SDK, and a request for each span when it ends; see `postedSpan`. */
  post: () => ({ flush: async () => void (await Promise.all(posts)) }),
  ours: () => {
    const { register, flush, stats } = require("land-telemetry");
    const { status } = register({ tier: "cocoon", throttle: { perSecond: 1e9, errorCap: 1e9 } });
    if (status !== "registered") throw new Error(status);
    return {
      flush: () => flush(20_000),
      stats: () => Object.values(stats().otlp.dropped).reduce((sum, count) => sum + count, 0),
    };
  },
};
const { flush, stats } = setUps[variant]?.() ?? {};

function batching(exporter) {
  const { BatchSpanProcessor } = require("@opentelemetry/sdk-trace-base");
  return new BatchSpanProcessor(exporter);
}

function setUpSdk(processor) {
  const { BasicTracerProvider } = require("@opentelemetry/sdk-trace-base");
  const { AsyncLocalStorageContextManager } = require("@opentelemetry/context-async-hooks");
  const { resourceFromAttributes } = require("@opentelemetry/resources");
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": "bench" }),
    spanProcessors: [processor],
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  // What is not in the queue after the burst has been lost: the queue holds 2,048.
  return { flush: () => provider.forceFlush(), stats: () => BURST_LOSS };
}

const posts = new Set();

/** What an older tier does for a span: make an id and a separate body, and send a request with a short timeout. */
function postedSpan() {
  const time = String(process.hrtime.bigint());
  const attributes = ATTRIBUTES.map(([key, value]) => ({
    key,
    value: { stringValue: String(value) },
  }));
  const one = {
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: randomBytes(8).toString("hex"),
    name: "land:cocoon:handler",
    kind: 1,
    startTimeUnixNano: time,
    endTimeUnixNano: time,
    attributes,
    status: { code: 1 },
  };
  const resource = {
    attributes: [
      { key: "service.name", value: { stringValue: "land-editor-cocoon" } },
      { key: "land.tier", value: { stringValue: "cocoon" } },
    ],
  };
  const body = JSON.stringify({
    resourceSpans: [
      {
        resource,
        scopeSpans: [{ scope: { name: "land.cocoon", version: "1.0.0" }, spans: [one] }],
      },
    ],
  });
  const { hostname, port, pathname } = new URL("/v1/traces", url);
  const sent = new Promise((resolve) => {
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
    };
    const outgoing = request(
      { method: "POST", hostname, port, path: pathname, headers, timeout: 200 },
      (response) => response.resume().on("end", resolve),
    );
    outgoing.on("error", resolve).on("timeout", () => outgoing.destroy());
    outgoing.write(body);
    outgoing.end();
  });
  posts.add(sent);
  void sent.then(() => posts.delete(sent));
}

function* counter() {
  for (let value = 0; ; value++) yield value;
}
const numbers = counter();
const tracer = trace.getTracer("land.cocoon", "0.1.0");

const ATTRIBUTES = [
  ["rpc.system.name", "grpc"],
  ["rpc.method", "land.CocoonService/ProcessMountainRequest"],
  ["server.address", "127.0.0.1"],
  ["server.port", 50052],
  ["land.feature", "completion.provider"],
];
const span = variant === "post" ? postedSpan : ordinarySpan;

function ordinarySpan() {
  const made = tracer.startSpan("land:cocoon:handler");
  made.setAttribute("rpc.system.name", "grpc");
  made.setAttribute("rpc.method", "land.CocoonService/ProcessMountainRequest");
  made.setAttribute("server.address", "127.0.0.1");
  made.setAttribute("server.port", 50052);
  made.setAttribute("land.feature", "completion.provider");
  made.end();
}
function pathSpan() {
  const made = tracer.startSpan("land:cocoon:open");
  const number = numbers.next().value;
  for (let n = 0; n < 5; n++)
    made.setAttribute(
      `land.path.${n}`,
      n % 2
        ? `https://example.com/p/${number}/v/${n}?session=${number}`
        : `/home/bench/work/client-${number}/src/file-${n}.ts`,
    );
  made.end();
}
function errorSpan() {
  const made = tracer.startSpan("land:cocoon:handler");
  const error = new TypeError(
    `Cannot read properties of undefined (reading 'x${numbers.next().value}')`,
  );
  made.recordException(error);
  made.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  made.end();
}

const time = (run) => {
  const before = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - before);
};
const repeat = (count, run) => () => {
  for (let index = 0; index < count; index++) run();
};
const cpu = async (run) => {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
};

const jobs = {
  /** Nanoseconds for each span, from start to end. */
  span: async () => {
    const ns = time(repeat(SPANS, span)) / SPANS;
    await flush?.();
    return ns;
  },
  /** CPU microseconds for each span of a batch, until the collector has the batch. */
  endToEnd: async () => (await cpu(async () => (repeat(BATCH, span)(), await flush()))) / BATCH,
  endToEndPaths: async () =>
    (await cpu(async () => (repeat(BATCH, pathSpan)(), await flush()))) / BATCH,
  /** The same for spans that a flush sends before the batch is full. */
  endToEndFlushed: async () =>
    (await cpu(async () => (repeat(SPANS, span)(), await flush()))) / SPANS,
  error: async () => {
    const ns = time(repeat(ERRORS, errorSpan)) / ERRORS;
    await flush?.();
    return ns;
  },
  /** Bytes that each span allocates; the young generation is large enough for nothing to be collected meanwhile. */
  bytes: async () => {
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    repeat(SPANS, span)();
    const bytes = (process.memoryUsage().heapUsed - before) / SPANS;
    await flush?.();
    return bytes;
  },
  /** Bytes that each span retains while it waits for export. */
  pending: async () => {
    await flush?.();
    globalThis.gc();
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    repeat(SPANS, span)();
    globalThis.gc();
    globalThis.gc();
    const bytes = (process.memoryUsage().heapUsed - before) / SPANS;
    await flush?.();
    return bytes;
  },
  burst: async () => {
    const before = process.memoryUsage.rss();
    const ms = time(repeat(BURST, span)) / 1e6;
    const mb = (process.memoryUsage.rss() - before) / 1_048_576;
    const lost = stats();
    await flush?.();
    return { ms, mb, lost };
  },
  /** CPU milliseconds for 200 spans a second, made in ten portions a second. */
  outage: async () => {
    const used = await cpu(async () => {
      for (let piece = 0; piece < Number(process.env["BENCH_SECONDS"]) * 10; piece++) {
        repeat(20, span)();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    });
    return { cpu: used / 1000, lost: stats() };
  },
  off: async () => time(repeat(CALLS, off)) / CALLS,
};

const { withSpan, captureEvent } = variant.startsWith("off") ? require("land-telemetry") : {};
const nothing = () => undefined;
const off = {
  "api startSpan": () => tracer.startSpan("land:cocoon:handler").end(),
  "off withSpan": () => withSpan("land:cocoon:handler", nothing),
  "off captureEvent": () => captureEvent("land:cocoon:x"),
}[variant];

process.on("message", async ({ job }) => process.send(await jobs[job]()));
