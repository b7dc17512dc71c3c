import type { Span } from "@opentelemetry/api";
import { ROOT_CONTEXT, SpanStatusCode, diag, DiagLogLevel, trace } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { AlwaysOffSampler, BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { withCancelSource } from "../../lib/failures/cancellation.js";
import { closeFailed, recordFailure } from "../../lib/failures/recordFailure.js";
import { globalState } from "../../lib/shared/globalState.js";

type Recorded = Span & ReadableSpan;
const tracer = new BasicTracerProvider().getTracer("spec");
const start = (): Recorded => tracer.startSpan("work", {}, ROOT_CONTEXT) as unknown as Recorded;

describe("recordFailure", () => {
  it("gives the span an exception, error.type and status ERROR with the message", () => {
    const span = start();
    const error = new TypeError("refused");
    recordFailure(span, error);
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: "refused" });
    expect(span.attributes).toEqual({ "error.type": "TypeError" });
    expect(span.events).toMatchObject([
      {
        name: "exception",
        attributes: {
          "exception.type": "TypeError",
          "exception.message": "refused",
          "exception.stacktrace": error.stack,
        },
      },
    ]);
  });

  it("leaves out what the failure does not have", () => {
    const span = start();
    recordFailure(span, { name: "Refused" });
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(span.events).toMatchObject([{ attributes: { "exception.type": "Refused" } }]);
    expect(Object.keys(span.events[0]?.attributes ?? {})).toEqual(["exception.type"]);
  });

  it("accepts a different error.type, and a time for a span that is over", () => {
    const span = start();
    recordFailure(span, new TypeError("refused"), "NOT_FOUND", [5, 6]);
    expect(span.attributes).toEqual({ "error.type": "NOT_FOUND" });
    expect(span.events).toMatchObject([
      { time: [5, 6], attributes: { "exception.type": "TypeError" } },
    ]);
  });

  it("keeps the failure itself for whoever asks at the span's end", () => {
    const span = start();
    const failure = { code: "E" };
    recordFailure(span, failure);
    expect(globalState().spanFailures.get(span)).toBe(failure);
  });

  it.each<[string, () => Span]>([
    [
      "has ended",
      () => {
        const span = start();
        span.end();
        return span;
      },
    ],
    [
      "is not recorded",
      () =>
        new BasicTracerProvider({ sampler: new AlwaysOffSampler() })
          .getTracer("spec")
          .startSpan("x", {}, ROOT_CONTEXT),
    ],
  ])("leaves a span alone that %s", (_how, make) => {
    const span = make();
    const getter = jest.fn(() => "secret");
    recordFailure(span, Object.defineProperty({}, "message", { get: getter }));
    expect(getter).not.toHaveBeenCalled();
    expect(globalState().spanFailures.has(span)).toBe(false);
  });
});

describe("closeFailed", () => {
  it("ends a failed span as failed, and a cancelled one as cancelled", () => {
    const signal = AbortSignal.abort();
    const [failed, cancelled] = [start(), start()];
    closeFailed(failed, new Error("disk full"), withCancelSource(ROOT_CONTEXT, signal));
    expect(failed).toMatchObject({
      ended: true,
      status: { code: SpanStatusCode.ERROR },
      attributes: { "error.type": "Error" },
    });
    closeFailed(cancelled, signal.reason, withCancelSource(ROOT_CONTEXT, signal));
    expect(cancelled).toMatchObject({
      ended: true,
      status: { code: SpanStatusCode.UNSET },
      attributes: { "land.cancelled": true },
      events: [],
    });
  });

  it("ends the span even if its failure cannot be recorded, and reports that", () => {
    const errors: unknown[] = [];
    const silent = (): void => undefined;
    diag.setLogger(
      {
        error: (message) => errors.push(message),
        warn: silent,
        info: silent,
        debug: silent,
        verbose: silent,
      },
      { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
    );
    const span = start();
    span.setAttribute = () => {
      throw new Error("a host's own span");
    };
    expect(() => closeFailed(span, new Error("x"), ROOT_CONTEXT)).not.toThrow();
    diag.disable();
    expect(span.ended).toBe(true);
    expect(errors).toEqual(["land-telemetry: a failure could not be recorded"]);
  });

  it("does not throw for the span of a tracer that records nothing", () => {
    const span = trace.wrapSpanContext({
      traceId: "1".repeat(32),
      spanId: "2".repeat(16),
      traceFlags: 0,
    });
    expect(() => closeFailed(span, new Error("x"), ROOT_CONTEXT)).not.toThrow();
  });
});
