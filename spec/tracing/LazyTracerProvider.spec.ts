import type { Span } from "@opentelemetry/api";
import { ROOT_CONTEXT, SpanKind, createContextKey } from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { LazyTracerProvider } from "../../lib/tracing/LazyTracerProvider.js";

let made: BasicTracerProvider[];
let exporter: InMemorySpanExporter;
let provider: LazyTracerProvider;
beforeEach(() => {
  made = [];
  exporter = new InMemorySpanExporter();
  provider = new LazyTracerProvider(() => {
    const official = new BasicTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    });
    made.push(official);
    return official;
  });
});

const names = () => exporter.getFinishedSpans().map(({ name }) => name);

describe("LazyTracerProvider", () => {
  it("is made with the first span, once, whichever tracer makes it", () => {
    const [one, two] = [provider.getTracer("one", "1.0"), provider.getTracer("two")];
    expect(made).toEqual([]);
    two.startSpan("a").end();
    one.startSpan("b", { kind: SpanKind.SERVER }).end();
    expect(made).toHaveLength(1);
    expect(exporter.getFinishedSpans()).toMatchObject([
      { name: "a", instrumentationScope: { name: "two" } },
      { name: "b", kind: SpanKind.SERVER, instrumentationScope: { name: "one", version: "1.0" } },
    ]);
  });

  it("gives the official tracers once it is made", () => {
    expect(provider.make()).toBe(made[0]);
    expect(provider.getTracer("one")).toBe(made[0]?.getTracer("one"));
  });

  it("runs active spans in all their forms, with the result of the function", () => {
    const tracer = provider.getTracer("one");
    const key = createContextKey("test");
    const end = (span: Span) => {
      span.end();
      return span.isRecording() ? "open" : "ended";
    };
    expect(tracer.startActiveSpan("a", end)).toBe("ended");
    expect(tracer.startActiveSpan("b", { attributes: { x: 1 } }, end)).toBe("ended");
    expect(tracer.startActiveSpan("c", {}, ROOT_CONTEXT.setValue(key, 1), end)).toBe("ended");
    expect(names()).toEqual(["a", "b", "c"]);
    expect(exporter.getFinishedSpans()[1]?.attributes).toEqual({ x: 1 });
  });

  it("has nothing to flush before, and what is made after a shutdown is not sent", async () => {
    const tracer = provider.getTracer("one");
    await provider.forceFlush();
    expect(made).toEqual([]);
    await provider.shutdown();
    tracer.startSpan("late").end();
    expect(names()).toEqual([]);
  });

  it("flushes and ends what it made", async () => {
    provider.getTracer("one").startSpan("a").end();
    const flushed = jest.spyOn(made[0] as BasicTracerProvider, "forceFlush");
    const ended = jest.spyOn(made[0] as BasicTracerProvider, "shutdown");
    await provider.forceFlush();
    await provider.shutdown();
    expect([flushed.mock.calls.length, ended.mock.calls.length]).toEqual([1, 1]);
  });

  it("makes spans of no provider where it cannot be made, and tries again", () => {
    let tries = 0;
    const hindered = new LazyTracerProvider(() =>
      ++tries < 3
        ? undefined
        : new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
    );
    const tracer = hindered.getTracer("one");
    expect(tracer.startSpan("lost").isRecording()).toBe(false);
    expect(tracer.startActiveSpan("lost too", {}, (span) => span.isRecording())).toBe(false);
    tracer.startSpan("kept").end();
    expect(names()).toEqual(["kept"]);
  });

  it("is told once, before its first span, that it is made", () => {
    const told: string[][] = [];
    const telling = new LazyTracerProvider(
      () => new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
      () => {
        telling.getTracer("own").startSpan("told").end();
        told.push(names());
      },
    );
    telling.getTracer("one").startSpan("a").end();
    telling.getTracer("two").startSpan("b").end();
    expect(told).toEqual([["told"]]);
    expect(names()).toEqual(["told", "a", "b"]);
  });
});
