import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT_CONTEXT, SpanStatusCode, trace } from "@opentelemetry/api";
import type { TracerProvider } from "@opentelemetry/sdk-trace";
import { readConfiguration } from "../../lib/config/readConfiguration.js";
import type { TelemetryOptions } from "../../lib/config/TelemetryOptions.js";
import type { Courier } from "../../lib/delivery/Courier.js";
import { Ledger } from "../../lib/delivery/Ledger.js";
import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { localUser } from "../../lib/resource/identity.js";
import { Tier } from "../../lib/resource/Tier.js";
import type { Inspector } from "../../lib/inspector/server/startInspector.js";
import { startInspector } from "../../lib/inspector/server/startInspector.js";
import { createOtlpCourier } from "../../lib/tracing/createOtlpCourier.js";
import { createProvider } from "../../lib/tracing/createProvider.js";
import { OtlpPipe } from "../../lib/tracing/OtlpPipe.js";
import { readOtlpSettings } from "../../lib/tracing/otlpSettings.js";
import { withEnvironment } from "../support/withEnvironment.js";
import type { FaultServer } from "../delivery/support/faultServer.js";
import { startFaultServer, status } from "../delivery/support/faultServer.js";

/** The sources on the SDK that is installed; `npm run test:sdk3` runs this on the 3.x line. */
describe("the OTLP pipe on the official provider", () => {
  let far: Inspector;
  let home: string;
  let provider: TracerProvider;
  let courier: Courier;
  let ledger: Ledger;
  let proxy: FaultServer | undefined;
  let restore = (): void => undefined;

  beforeEach(async () => {
    far = await startInspector();
    home = mkdtempSync(join(tmpdir(), "land-otlp-"));
  });
  afterEach(async () => {
    restore();
    await provider.shutdown();
    await courier.close(1_000);
    await far.close();
    await proxy?.close();
    proxy = undefined;
    rmSync(home, { recursive: true, force: true });
  });

  function start(
    otlp: Readonly<NonNullable<TelemetryOptions["otlp"]>> = {},
    environment: Readonly<Record<string, string>> = {},
  ): void {
    const options = {
      tier: Tier.Air,
      capture: true,
      otlp: { enabled: true, endpoint: far.url, ...otlp },
      spool: { directory: home },
    };
    restore = withEnvironment(environment);
    const configuration = readConfiguration(options, environment);
    ledger = new Ledger();
    courier = createOtlpCourier({
      configuration: () => configuration,
      recorder: () => undefined,
      ledgers: { otlp: ledger, posthog: new Ledger() },
    });
    const pipe = new OtlpPipe({
      settings: { ...readOtlpSettings(configuration), protocol: configuration.otlp.protocol },
      redactor: createRedactor(configuration.privacy, localUser()),
      ledger,
      courier: () => courier,
    });
    provider = createProvider(configuration, () => "session", environment, [pipe]);
  }

  it.each(["http/json", "http/protobuf"] as const)(
    "delivers every part of a span as %s, redacted on a copy",
    async (protocol) => {
      start({ protocol });
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
      expect(far.traces()[0]?.spans).toMatchObject([
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
      expect(JSON.stringify(far.traces())).not.toContain("hunter2");
      expect((span as unknown as { attributes: unknown }).attributes).toMatchObject({
        password: "hunter2",
      });
      expect(ledger.stats()).toMatchObject({ accepted: 1, delivered: 1, pending: 0 });
    },
  );

  it("loses none of a burst beyond the queue, in one tick", async () => {
    start({}, { OTEL_BSP_MAX_QUEUE_SIZE: "64", OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "32" });
    const tracer = provider.getTracer("land.air");
    for (let i = 0; i < 1_000; i++) tracer.startSpan(`burst ${i}`).end();
    await provider.forceFlush();
    await far.waitFor((it) => it.counts().spans === 1_000);
    expect(ledger.stats()).toMatchObject({ accepted: 1_000, dropped: {}, pending: 0 });
  });

  it("spools while the far end is gone, and a process that comes later would find it", async () => {
    const { url } = far;
    await far.close();
    start({ endpoint: url, timeoutMs: 500 });
    provider.getTracer("land.air").startSpan("kept").end();
    await provider.shutdown();
    await courier.close(1_000);
    expect(ledger.stats()).toMatchObject({
      accepted: 1,
      delivered: 0,
      dropped: {},
      spooled: 1,
      pending: 0,
    });
  });

  it("cuts a batch that a proxy finds too large; only a span that is too large alone is dropped", async () => {
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
    start({ endpoint: proxy.url.replace("/v1/traces", "") });
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
    expect(ledger.stats()).toMatchObject({
      accepted: 100,
      delivered: 99,
      dropped: { http_413: 1 },
      pending: 0,
      spooled: 0,
    });
  });

  it("keeps what the head sampler leaves out from the pipe, and the parent's decision", async () => {
    start({}, { OTEL_TRACES_SAMPLER: "parentbased_always_off" });
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
      far
        .traces()
        .flatMap(({ spans }) => spans.map(({ name, parentSpanId }) => [name, parentSpanId])),
    ).toEqual([["sampled above", "2".repeat(16)]]);
    expect(ledger.stats().accepted).toBe(1);
  });
});
