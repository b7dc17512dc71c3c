import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT_CONTEXT, SpanStatusCode, trace } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { BasicTracerProvider, ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { OtlpProtocol } from "../../lib/config/TelemetryOptions.js";
import { DeliveryQueue } from "../../lib/delivery/DeliveryQueue.js";
import { DeliveryStats } from "../../lib/delivery/DeliveryStats.js";
import type { Inspector } from "../../lib/inspector/server/startInspector.js";
import { startInspector } from "../../lib/inspector/server/startInspector.js";
import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { createTracerProvider } from "../../lib/tracing/createTracerProvider.js";
import { otlpFormat } from "../../lib/tracing/otlpFormat.js";
import { readConfiguration } from "../../lib/config/readConfiguration.js";
import { readOtlpSettings } from "../../lib/tracing/otlpSettings.js";
import { SpanSerializer } from "../../lib/tracing/SpanSerializer.js";
import { SpoolingSpanProcessor } from "../../lib/tracing/SpoolingSpanProcessor.js";
import { SpoolingTraceExporter } from "../../lib/tracing/SpoolingTraceExporter.js";
import type { FaultServer } from "../delivery/support/faultServer.js";
import { startFaultServer, status } from "../delivery/support/faultServer.js";
import { exactly } from "../support/exactly.js";

/** Tests the sources on the installed SDK; `npm run test:sdk3` runs this on the 3.x line. */
describe("the OTLP pipe on the official provider", () => {
  let collector: Inspector;
  let home: string;
  let provider: BasicTracerProvider;
  let queue: DeliveryQueue;
  let processor: SpoolingSpanProcessor;
  let stats: DeliveryStats;
  let proxy: FaultServer | undefined;
  const before = { ...process.env };

  beforeEach(async () => {
    collector = await startInspector();
    home = mkdtempSync(join(tmpdir(), "land-otlp-"));
  });
  afterEach(async () => {
    process.env = { ...before };
    await provider.shutdown();
    await queue.close(1_000);
    await collector.close();
    await proxy?.close();
    proxy = undefined;
    rmSync(home, { recursive: true, force: true });
  });

  interface Pipe {
    readonly url?: string;
    readonly protocol?: OtlpProtocol;
    readonly timeoutMs?: number;
    readonly environment?: Readonly<Record<string, string>>;
  }

  async function start({
    url = collector.url,
    protocol = "http/json",
    timeoutMs,
    environment,
  }: Pipe = {}): Promise<void> {
    Object.assign(process.env, environment);
    const { otlp: batch } = readConfiguration({
      tier: "air",
      otlp: { endpoint: url, protocol, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    });
    const settings = readOtlpSettings({ otlp: batch });
    const redactor = createRedactor({});
    stats = new DeliveryStats();
    queue = new DeliveryQueue({
      pipe: "otlp",
      stats,
      settings,
      format: otlpFormat,
      maxRecordsPerRequest: 64,
      disk: { directory: join(home, "v1", "otlp", "key") },
    });
    const serializer = new SpanSerializer(protocol, redactor, queue);
    processor = new SpoolingSpanProcessor({ queue, serializer, settings, batch });
    provider = createTracerProvider({
      resource: resourceFromAttributes({
        "service.name": "land-editor-air",
        "session.id": "session",
        "land.tier": "air",
      }),
      sampler: undefined,
      recordAll: false,
      spanProcessors: [processor],
    });
    await processor.load();
  }

  it.each(["http/json", "http/protobuf"] as const)(
    "delivers every part of a span as %s, redacted in a copy",
    async (protocol) => {
      const exported = jest.spyOn(SpoolingTraceExporter.prototype, "export");
      await start({ protocol });
      const tracer = provider.getTracer("land.air", "1.2.3");
      const span = tracer.startSpan("work", {
        attributes: { list: ["a", "b"], half: 0.5, on: true, password: "hunter2" },
        links: [{ context: { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 } }],
      });
      span.addEvent("step", { n: 1 });
      span.recordException(new TypeError("no"));
      span.setStatus({ code: SpanStatusCode.ERROR, message: "no" });
      span.end();
      await provider.forceFlush();
      expect(collector.traces()[0]?.spans).toMatchObject([
        {
          name: "work",
          tier: "air",
          attributes: { list: ["a", "b"], half: 0.5, on: true },
          events: [
            { name: "step" },
            { name: "exception", attributes: { "exception.type": "TypeError" } },
          ],
          links: [{ traceId: "1".repeat(32) }],
          statusCode: 2,
          statusMessage: "no",
          scope: { name: "land.air", version: "1.2.3" },
          resource: { "service.name": "land-editor-air", "session.id": "session" },
        },
      ]);
      expect(exported).toHaveBeenCalledTimes(1);
      exported.mockRestore();
      expect(JSON.stringify(collector.traces())).not.toContain("hunter2");
      expect((span as unknown as { attributes: unknown }).attributes).toMatchObject({
        password: "hunter2",
      });
      expect(stats.snapshot()).toMatchObject({ accepted: 1, delivered: 1, pending: 0 });
    },
  );

  it("loses nothing of a burst larger than the queue within one tick", async () => {
    await start({
      environment: { OTEL_BSP_MAX_QUEUE_SIZE: "64", OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "32" },
    });
    const tracer = provider.getTracer("land.air");
    for (let i = 0; i < 1_000; i++) tracer.startSpan(`burst ${i}`).end();
    await provider.forceFlush();
    await collector.waitFor((it) => it.counts().spans === 1_000);
    expect(stats.snapshot()).toMatchObject({ accepted: 1_000, dropped: exactly({}), pending: 0 });
  });

  it("writes to disk only once the queue overflows, in records of up to 512 spans", async () => {
    await start({
      environment: { OTEL_BSP_MAX_QUEUE_SIZE: "1500", OTEL_BSP_SCHEDULE_DELAY: "600000" },
    });
    const stored: number[] = [];
    const store = queue.store.bind(queue);
    queue.store = (records) => {
      stored.push(...records.map(({ count }) => count));
      store(records);
    };
    const tracer = provider.getTracer("land.air");
    // A flush empties the queue, so that its earlier spans do not count towards the bound.
    for (let i = 0; i < 100; i++) tracer.startSpan(`first ${i}`).end();
    await provider.forceFlush();
    // Within one tick, BatchSpanProcessor exports only its first batch.
    for (let i = 0; i < 512 + 1_500; i++) tracer.startSpan(`kept ${i}`).end();
    expect(stored).toEqual([]);
    tracer.startSpan("beyond").end();
    expect(stored).toEqual([512, 512, 476]);
    await provider.forceFlush();
    await collector.waitFor((it) => it.counts().spans === 2_113);
    expect(stats.snapshot()).toMatchObject({ accepted: 2_113, dropped: exactly({}), pending: 0 });
  });

  it("spools what it cannot deliver while the collector is gone", async () => {
    const { url } = collector;
    await collector.close();
    await start({ url, timeoutMs: 500 });
    provider.getTracer("land.air").startSpan("kept").end();
    await provider.shutdown();
    await queue.close(1_000);
    expect(stats.snapshot()).toMatchObject({
      accepted: 1,
      delivered: 0,
      dropped: exactly({}),
      spooled: 1,
      pending: 0,
    });
  });

  it("splits a batch that a proxy finds too large, and drops only a span too large on its own", async () => {
    proxy = await startFaultServer();
    const names: string[] = [];
    proxy.fault = (response, request, body) => {
      if (body.length > 8_000) {
        status(413)(response, request, body);
        return;
      }
      for (const [, name = ""] of body.matchAll(/"name":"(work \d+)"/g)) names.push(name);
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    };
    await start({ url: proxy.url.replace("/v1/traces", "") });
    const tracer = provider.getTracer("land.air");
    for (let i = 0; i < 100; i++)
      tracer
        .startSpan(`work ${i}`, {
          attributes: { text: i === 50 ? "long ".repeat(2_000) : "short" },
        })
        .end();
    await provider.forceFlush();
    expect([...names].sort()).toEqual(
      Array.from({ length: 100 }, (_, i) => `work ${i}`)
        .filter((name) => name !== "work 50")
        .sort(),
    );
    expect(stats.snapshot()).toMatchObject({
      accepted: 100,
      delivered: 99,
      dropped: { http_413: 1 },
      pending: 0,
      spooled: 0,
    });
  });

  it("sends no span that the head sampler leaves out, and respects the parent's decision", async () => {
    await start({ environment: { OTEL_TRACES_SAMPLER: "parentbased_always_off" } });
    const tracer = provider.getTracer("land.air");
    tracer.startSpan("left out").end();
    const parent = {
      traceId: "1".repeat(32),
      spanId: "2".repeat(16),
      traceFlags: 1,
      isRemote: true,
    };
    tracer.startSpan("sampled above", {}, trace.setSpanContext(ROOT_CONTEXT, parent)).end();
    await provider.forceFlush();
    expect(
      collector
        .traces()
        .flatMap(({ spans }) => spans.map(({ name, parentSpanId }) => [name, parentSpanId])),
    ).toEqual([["sampled above", "2".repeat(16)]]);
    expect(stats.snapshot().accepted).toBe(1);
  });

  it("counts an unreadable span as dropped, skips an unsampled one, and loses none of the others", async () => {
    await start();
    const span = provider.getTracer("land.air").startSpan("good");
    const like = (spanContext: () => unknown): ReadableSpan =>
      Object.assign(Object.create(span) as ReadableSpan, { spanContext });
    processor.onEnd(like(() => ({ ...span.spanContext(), traceFlags: 0 })));
    processor.onEnd(
      like(() => {
        throw new Error("hostile");
      }),
    );
    span.end();
    await provider.forceFlush();
    expect(stats.snapshot()).toMatchObject({
      accepted: 2,
      delivered: 1,
      dropped: { unserialisable: 1 },
      pending: 0,
    });
  });

  it("delivers a span that ends after its shutdown exactly once, through the disk queue", async () => {
    await start();
    const span = provider.getTracer("land.air").startSpan("late") as unknown as ReadableSpan;
    await processor.shutdown();
    processor.onEnd(span);
    await processor.forceFlush();
    await queue.flush(2_000);
    expect(collector.traces().flatMap(({ spans }) => spans.map(({ name }) => name))).toEqual([
      "late",
    ]);
    expect(stats.snapshot()).toMatchObject({ accepted: 1, delivered: 1, pending: 0, spooled: 0 });
  });
});
