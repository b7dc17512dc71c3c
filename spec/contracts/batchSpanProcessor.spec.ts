import { TraceFlags } from "@opentelemetry/api";
import type { ExportResult } from "@opentelemetry/core";
import { ExportResultCode } from "@opentelemetry/core";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace-base";
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  SamplingDecision,
} from "@opentelemetry/sdk-trace-base";

/** Behaviour of BatchSpanProcessor that lib/tracing/SpoolingSpanProcessor.ts relies on or works around. */

class Collector implements SpanExporter {
  readonly batches: ReadableSpan[][] = [];
  shutdowns = 0;
  constructor(
    private readonly result: ExportResult | undefined = { code: ExportResultCode.SUCCESS },
  ) {}
  export(spans: ReadableSpan[], answer: (result: ExportResult) => void): void {
    this.batches.push(spans);
    if (this.result !== undefined) answer(this.result);
  }
  shutdown(): Promise<void> {
    this.shutdowns++;
    return Promise.resolve();
  }
  get spans(): number {
    return this.batches.reduce((sum, { length }) => sum + length, 0);
  }
}

function make(
  exporter: SpanExporter,
  options = {},
): { processor: BatchSpanProcessor; end: (count: number) => void } {
  const processor = new BatchSpanProcessor(exporter, { scheduledDelayMillis: 60_000, ...options });
  const tracer = new BasicTracerProvider({ spanProcessors: [processor] }).getTracer("contract");
  return {
    processor,
    end: (count) => {
      for (let i = 0; i < count; i++) tracer.startSpan(`s${i}`).end();
    },
  };
}

describe("BatchSpanProcessor", () => {
  it("hands its whole queue to the exporter before forceFlush returns: how the pipe spills at exit", async () => {
    const exporter = new Collector();
    const { processor, end } = make(exporter, { maxQueueSize: 2_048, maxExportBatchSize: 512 });
    end(500);
    const flushed = processor.forceFlush();
    expect(exporter.batches.map(({ length }) => length)).toEqual([500]);
    await flushed;
    await processor.shutdown();
  });

  it("silently drops the newest span when its queue is full: why the pipe counts spans and spills first", async () => {
    const exporter = new Collector();
    const { processor, end } = make(exporter, { maxQueueSize: 10, maxExportBatchSize: 10 });
    // The first ten fill a batch that leaves immediately, ten more wait for the next tick, and the rest are lost.
    end(25);
    await processor.forceFlush();
    expect(exporter.spans).toBe(20);
    await processor.shutdown();
  });

  it("exports a full batch in the tick that filled it, and no other until it has seen the answer", async () => {
    const exporter = new Collector();
    const { processor, end } = make(exporter, { maxQueueSize: 100, maxExportBatchSize: 10 });
    end(35);
    expect(exporter.batches).toHaveLength(1);
    await new Promise(setImmediate);
    expect(exporter.spans).toBe(30);
    await processor.shutdown();
  });

  it("forgets a batch whose export failed: why the pipe reports success and keeps the truth itself", async () => {
    const exporter = new Collector({ code: ExportResultCode.FAILED, error: new Error("no") });
    const { processor, end } = make(exporter);
    end(3);
    await expect(processor.forceFlush()).rejects.toThrow();
    await processor.forceFlush();
    expect(exporter.batches).toHaveLength(1);
    await processor.shutdown().catch(() => undefined);
  });

  it("keeps the process alive with a timer until an export is answered: why the pipe answers immediately", async () => {
    const held = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = held();
    let release: (() => void) | undefined;
    const exporter: SpanExporter = {
      export: (_spans, answer) => (release = () => answer({ code: ExportResultCode.SUCCESS })),
      shutdown: () => Promise.resolve(),
    };
    const { processor, end } = make(exporter);
    end(1);
    const flushed = processor.forceFlush();
    expect(held()).toBe(before + 1);
    release?.();
    expect(held()).toBe(before);
    await flushed;
    await processor.shutdown();
  });

  it("never passes unsampled spans to its exporter", async () => {
    const exporter = new Collector();
    const processor = new BatchSpanProcessor(exporter);
    const recordOnly = {
      shouldSample: () => ({ decision: SamplingDecision.RECORD }),
      toString: () => "record",
    };
    const span = new BasicTracerProvider({ sampler: recordOnly, spanProcessors: [processor] })
      .getTracer("contract")
      .startSpan("s");
    span.end();
    expect(span.spanContext().traceFlags & TraceFlags.SAMPLED).toBe(0);
    await processor.shutdown();
    expect(exporter.spans).toBe(0);
    expect(new AlwaysOnSampler().shouldSample().decision).toBe(SamplingDecision.RECORD_AND_SAMPLED);
  });

  it("accepts no span after its shutdown, and shuts its exporter down only once", async () => {
    const exporter = new Collector();
    const { processor, end } = make(exporter);
    end(1);
    await processor.shutdown();
    end(1);
    await processor.shutdown();
    expect([exporter.spans, exporter.shutdowns]).toEqual([1, 1]);
  });
});
