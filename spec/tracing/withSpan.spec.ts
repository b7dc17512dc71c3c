import { SpanKind, SpanStatusCode, context, trace } from "@opentelemetry/api";
import { setImmediate as turn } from "node:timers/promises";
import { withCancelSource } from "../../lib/failures/cancellation.js";
import { withSpan } from "../../lib/tracing/withSpan.js";
import { globalState } from "../../lib/shared/globalState.js";
import type { TestTelemetry } from "../support/telemetry.js";
import { activeSpanId, startTelemetry } from "../support/telemetry.js";

describe("withSpan", () => {
  let telemetry: TestTelemetry;
  beforeEach(() => {
    telemetry = startTelemetry();
  });
  afterEach(() => telemetry.stop());

  test("gives fn its span, makes it active, ends it and returns fn's result", () => {
    const result = { any: "thing" };
    const returned = withSpan("work", (span) => {
      expect(activeSpanId()).toBe(span.spanContext().spanId);
      expect(telemetry.spans()).toHaveLength(0);
      return result;
    });
    expect(returned).toBe(result);
    expect(telemetry.span("work").status.code).toBe(SpanStatusCode.UNSET);
    expect(activeSpanId()).toBeUndefined();
  });

  test("passes options on to OpenTelemetry", () => {
    withSpan(
      "work",
      { kind: SpanKind.CLIENT, attributes: { "land.a": 1 }, startTime: [5, 6] },
      () => undefined,
    );
    const span = telemetry.span("work");
    expect(span.kind).toBe(SpanKind.CLIENT);
    expect(span.attributes).toEqual({ "land.a": 1 });
    expect(span.startTime).toEqual([5, 6]);
  });

  test("nests spans, and starts a new trace with the option root", () => {
    withSpan("outer", () => {
      withSpan("inner", () => undefined);
      withSpan("own", { root: true }, () => undefined);
    });
    const outer = telemetry.span("outer").spanContext();
    expect(telemetry.span("inner").parentSpanContext?.spanId).toBe(outer.spanId);
    expect(telemetry.span("own").spanContext().traceId).not.toBe(outer.traceId);
  });

  test("records a thrown error and rethrows the same object", () => {
    const failure = new TypeError("broken");
    let caught: unknown;
    try {
      withSpan("work", () => {
        throw failure;
      });
    } catch (error) {
      caught = error;
    }
    expect(caught).toBe(failure);
    const span = telemetry.span("work");
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: "broken" });
    expect(span.attributes["error.type"]).toBe("TypeError");
    expect(span.events.map((event) => event.attributes?.["exception.message"])).toEqual(["broken"]);
  });

  test.each([["a text"], [undefined], [null], [0], [Symbol("s")]])(
    "rethrows %p unchanged",
    (failure) => {
      const caught: unknown[] = [];
      try {
        withSpan("work", () => {
          throw failure;
        });
      } catch (error) {
        caught.push(error);
      }
      expect(caught).toEqual([failure]);
      expect(telemetry.span("work").status.code).toBe(SpanStatusCode.ERROR);
    },
  );

  test("ends the span with the promise, and keeps it active across awaits", async () => {
    const promise = withSpan("work", async (span) => {
      await turn();
      expect(activeSpanId()).toBe(span.spanContext().spanId);
      return 7;
    });
    expect(telemetry.spans()).toHaveLength(0);
    await expect(promise).resolves.toBe(7);
    expect(telemetry.span("work").ended).toBe(true);
  });

  test("records a rejection and rejects with the same object", async () => {
    const failure = new RangeError("late");
    const promise = withSpan("work", async () => {
      await turn();
      throw failure;
    });
    await expect(promise).rejects.toBe(failure);
    expect(telemetry.span("work").attributes["error.type"]).toBe("RangeError");
  });

  test("counts a failure that passes through nested spans once, at the innermost", async () => {
    const failing = withSpan("outer", () =>
      withSpan("inner", async () => {
        await turn();
        throw new Error("once");
      }),
    );
    await expect(failing).rejects.toThrow("once");
    expect(telemetry.counted).toEqual(["inner"]);
    expect(telemetry.span("outer").status.code).toBe(SpanStatusCode.ERROR);
  });

  test("calls a thenable's then once, and keeps its other members reachable", async () => {
    let asked = 0;
    let cancelled = false;
    const query = {
      cancel() {
        cancelled = this === query;
      },
      then(resolve: (rows: number[]) => void) {
        asked++;
        resolve([1, 2]);
      },
    };
    const returned = withSpan("query", () => query);
    returned.cancel();
    expect(await (returned as unknown as PromiseLike<number[]>)).toEqual([1, 2]);
    expect({ asked, cancelled }).toEqual({ asked: 1, cancelled: true });
    expect(telemetry.span("query").ended).toBe(true);
  });

  test("does not end a span again that fn has ended itself", () => {
    withSpan("work", (span) => span.end());
    expect(telemetry.spans()).toHaveLength(1);
  });

  test("treats an abort through the enclosing handler's signal as a cancellation", async () => {
    const controller = new AbortController();
    const inside = withCancelSource(context.active(), controller.signal);
    const work = context.with(inside, () =>
      withSpan("work", async () => {
        await turn(undefined, { signal: controller.signal });
      }),
    );
    controller.abort();
    await expect(work).rejects.toThrow();
    expect(telemetry.span("work").status.code).toBe(SpanStatusCode.UNSET);
    expect(telemetry.span("work").attributes["land.cancelled"]).toBe(true);
  });

  test("keeps a processor's error from the caller", () => {
    telemetry.stop();
    const fail = (): never => {
      throw new Error("processor");
    };
    const done = (): Promise<void> => Promise.resolve();
    for (const when of ["onStart", "onEnd"] as const) {
      const processor = {
        onStart: () => undefined,
        onEnd: () => undefined,
        forceFlush: done,
        shutdown: done,
        [when]: fail,
      };
      telemetry = startTelemetry({ processors: [processor] });
      expect(withSpan("work", () => 5)).toBe(5);
      telemetry.stop();
    }
  });

  test("keeps the right span active in each of 1,000 interleaved calls", async () => {
    const seen = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) =>
        withSpan(`call ${index}`, async (span) => {
          for (let step = 0; step < 3; step++) await turn();
          return activeSpanId() === span.spanContext().spanId;
        }),
      ),
    );
    expect(seen.every(Boolean)).toBe(true);
    expect(new Set(telemetry.spans().map((span) => span.spanContext().traceId)).size).toBe(1_000);
  });

  test("still runs fn without telemetry, with a non-recording span that has the parent's context", () => {
    const parent = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 };
    delete globalState().runtime;
    context.with(trace.setSpanContext(context.active(), parent), () => {
      withSpan("work", (span) => {
        expect(span.isRecording()).toBe(false);
        expect(span.spanContext()).toEqual(parent);
      });
    });
    const failure = new Error("as it is");
    expect(() =>
      withSpan("work", {}, () => {
        throw failure;
      }),
    ).toThrow(failure);
  });
});
