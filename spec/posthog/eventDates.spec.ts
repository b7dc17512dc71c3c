import { SpanStatusCode } from "@opentelemetry/api";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import * as fc from "fast-check";
import { MirrorSpanProcessor } from "../../lib/posthog/MirrorSpanProcessor.js";
import { contextOf, Sink } from "./support.js";

const WEEK_MS = 7 * 24 * 60 * 60_000;

/**
 * A failed span during which the wall clock drifts from the monotonic one by this much: ahead if the machine sleeps,
 * either way if the clock is set.
 */
function failAcross(
  driftMs: number,
  end?: number,
): { readonly event: number; readonly now: number } {
  const sink = new Sink();
  const tracer = new BasicTracerProvider({
    spanProcessors: [new MirrorSpanProcessor(contextOf(sink))],
  }).getTracer("spec");
  const span = tracer.startSpan("work");
  const now = Date.now() + driftMs;
  const clock = jest.spyOn(Date, "now").mockReturnValue(now);
  try {
    span.recordException(new Error(`${driftMs}`));
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(end);
  } finally {
    clock.mockRestore();
  }
  const [event, exception] = sink.sent;
  expect(exception?.timestamp).toBe(event?.timestamp);
  return { event: Date.parse(event?.timestamp ?? ""), now };
}

describe("the date of an error event", () => {
  it("is the current wall time, however far the clocks drifted apart while its span was open", () => {
    fc.assert(
      fc.property(fc.integer({ min: -WEEK_MS, max: WEEK_MS }), (driftMs) => {
        const { event, now } = failAcross(driftMs);
        expect(Math.abs(event - now)).toBeLessThan(200);
      }),
    );
  });

  it("is the end that the caller gave, whatever the clock says", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -WEEK_MS, max: WEEK_MS }),
        fc.integer({ min: 0, max: WEEK_MS }),
        (driftMs, ahead) => {
          const end = Date.now() + ahead + 10_000;
          expect(failAcross(driftMs, end).event).toBe(end);
        },
      ),
    );
  });
});
