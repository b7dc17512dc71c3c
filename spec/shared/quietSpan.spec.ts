import type { Tracer } from "@opentelemetry/api";
import {
  context,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  ROOT_CONTEXT,
  trace,
} from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { endQuietly, inertSpan, startQuietly } from "../../lib/shared/quietSpan.js";
import { keepDiagnostics } from "../support/diagnostics.js";

const { messages, stop } = keepDiagnostics();
beforeEach(() => (messages.length = 0));
afterAll(stop);

const throwing = (): never => {
  throw new Error("host");
};
const parent = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 };
const inside = trace.setSpanContext(ROOT_CONTEXT, parent);

describe("a span that records nothing", () => {
  it("has its parent's context, like a span of the API's no-op tracer", () => {
    expect(inertSpan(inside).spanContext()).toEqual(parent);
    expect(inertSpan(inside).isRecording()).toBe(false);
    expect(inertSpan(ROOT_CONTEXT).spanContext()).toEqual(INVALID_SPAN_CONTEXT);
    expect(inertSpan().spanContext()).toEqual(
      trace.getTracer("nobody").startSpan("x", {}, context.active()).spanContext(),
    );
  });
});

describe("a span's name", () => {
  it.each<[unknown, string]>([
    ["work", "work"],
    ["", ""],
    [undefined, "unnamed"],
    [1, "unnamed"],
    [{ toString: throwing }, "unnamed"],
  ])("given as %p is %p", (name, expected) => {
    const span = startQuietly(
      new BasicTracerProvider().getTracer("spec"),
      name as string,
      {},
      ROOT_CONTEXT,
    ) as unknown as ReadableSpan;
    expect(span.name).toBe(expected);
    expect(messages).toHaveLength(typeof name === "string" ? 0 : 1);
  });
});

describe("a span of a host that throws", () => {
  it("is replaced by an inert one if it cannot be started", () => {
    const tracer: Tracer = { startSpan: throwing, startActiveSpan: throwing };
    expect(startQuietly(tracer, "work", {}, inside).spanContext()).toEqual(parent);
    expect(isSpanContextValid(startQuietly(tracer, "work", {}, ROOT_CONTEXT).spanContext())).toBe(
      false,
    );
    expect(messages).toEqual([
      "land-telemetry: a span could not be started",
      "land-telemetry: a span could not be started",
    ]);
  });

  it("is still ended, with a message about it", () => {
    const span = new BasicTracerProvider({
      spanProcessors: [
        {
          onStart: () => undefined,
          onEnd: throwing,
          forceFlush: () => Promise.resolve(),
          shutdown: () => Promise.resolve(),
        },
      ],
    })
      .getTracer("spec")
      .startSpan("work", {}, ROOT_CONTEXT);
    expect(() => endQuietly(span)).not.toThrow();
    expect((span as unknown as ReadableSpan).ended).toBe(true);
    expect(messages).toEqual(["land-telemetry: a span could not be ended"]);
  });

  it("is ended once, at the time given", () => {
    const span = new BasicTracerProvider()
      .getTracer("spec")
      .startSpan("work", { startTime: [5, 0] }, ROOT_CONTEXT);
    endQuietly(span, [6, 0]);
    endQuietly(span, [7, 0]);
    expect((span as unknown as ReadableSpan).endTime).toEqual([6, 0]);
    expect(messages).toEqual([]);
  });
});
