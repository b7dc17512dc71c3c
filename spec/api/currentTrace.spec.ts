import { trace } from "@opentelemetry/api";
import { currentTrace } from "../../lib/api/currentTrace.js";
import { globalState } from "../../lib/shared/globalState.js";
import { withSpan } from "../../lib/tracing/withSpan.js";
import { startTelemetry } from "../support/telemetry.js";

describe("currentTrace", () => {
  it("is the active span's, else the session start's, else none", () => {
    expect(currentTrace()).toBeUndefined();
    const telemetry = startTelemetry();
    expect(currentTrace()).toBeUndefined();
    const sessionTrace = telemetry.runtime.tracer.startSpan("start").spanContext();
    globalState().runtime = { ...telemetry.runtime, sessionTrace };
    expect(currentTrace()).toBe(sessionTrace);
    withSpan("inside", (span) => expect(currentTrace()).toEqual(span.spanContext()));
    telemetry.stop();
    expect(currentTrace()).toBeUndefined();
  });

  it("is none if the active span has no identity or cannot be read", () => {
    const telemetry = startTelemetry();
    const active = jest.spyOn(trace, "getActiveSpan");
    active.mockReturnValue(trace.wrapSpanContext({ traceId: "0", spanId: "0", traceFlags: 0 }));
    expect(currentTrace()).toBeUndefined();
    active.mockImplementation(() => {
      throw new Error("theirs");
    });
    expect(currentTrace()).toBeUndefined();
    active.mockRestore();
    telemetry.stop();
  });
});
