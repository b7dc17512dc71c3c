import type { TimeInput } from "@opentelemetry/api";
import { INVALID_SPAN_CONTEXT, SpanKind, SpanStatusCode, context, trace } from "@opentelemetry/api";
import { emitSpan } from "../../lib/tracing/emitSpan.js";
import { withSpan } from "../../lib/tracing/withSpan.js";
import { globalState } from "../../lib/shared/globalState.js";
import type { TestTelemetry } from "../support/telemetry.js";
import { startTelemetry } from "../support/telemetry.js";

describe("emitSpan", () => {
  let telemetry: TestTelemetry;
  beforeEach(() => {
    telemetry = startTelemetry();
  });
  afterEach(() => telemetry.stop());

  const AT = 1_700_000_000_250;

  test.each<[string, TimeInput, TimeInput]>([
    ["a Date", new Date(AT), new Date(AT + 500)],
    ["milliseconds", AT, AT + 500],
    ["HrTime", [1_700_000_000, 250_000_000], [1_700_000_000, 750_000_000]],
  ])("takes %s", (_form, start, end) => {
    emitSpan("over", { start, end });
    const span = telemetry.span("over");
    expect(span.startTime).toEqual([1_700_000_000, 250_000_000]);
    expect(span.endTime).toEqual([1_700_000_000, 750_000_000]);
    expect(span.duration).toEqual([0, 500_000_000]);
  });

  test("converts a reading of the monotonic clock to wall time, not to 1970", () => {
    const before = Date.now();
    const end = performance.now();
    emitSpan("over", { start: end - 5, end });
    expect(telemetry.span("over").endTime[0]).toBeGreaterThanOrEqual(
      Math.floor(before / 1_000) - 1,
    );
  });

  test("sets the kind, attributes, links, and an error dated at the span's end", () => {
    const link = { context: { traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags: 1 } };
    emitSpan("over", {
      start: AT,
      end: AT + 1,
      kind: SpanKind.CLIENT,
      attributes: { x: 1 },
      links: [link],
      error: new TypeError("no"),
    });
    const span = telemetry.span("over");
    expect(span.kind).toBe(SpanKind.CLIENT);
    expect(span.attributes).toEqual({ x: 1, "error.type": "TypeError" });
    expect(span.links).toHaveLength(1);
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: "no" });
    expect(span.events[0]?.time).toEqual(span.endTime);
  });

  test("makes a child of the active span, of a given context or span context, or a root", () => {
    const remote = {
      traceId: "c".repeat(32),
      spanId: "d".repeat(16),
      traceFlags: 1,
      isRemote: true,
    };
    withSpan("active", () => {
      emitSpan("child", { start: AT, end: AT });
      emitSpan("remote", { start: AT, end: AT, parent: remote });
      emitSpan("given", {
        start: AT,
        end: AT,
        parent: trace.setSpanContext(context.active(), remote),
      });
      emitSpan("root", { start: AT, end: AT, parent: null });
    });
    expect(telemetry.span("child").parentSpanContext?.spanId).toBe(
      telemetry.span("active").spanContext().spanId,
    );
    expect(telemetry.span("remote").parentSpanContext).toEqual(remote);
    expect(telemetry.span("given").parentSpanContext).toEqual(remote);
    expect(telemetry.span("root").parentSpanContext).toBeUndefined();
  });

  test("returns the context of the span it sent", () => {
    const sent = emitSpan("first", { start: AT, end: AT });
    emitSpan("second", { start: AT, end: AT, parent: sent });
    expect(telemetry.span("second").parentSpanContext?.spanId).toBe(
      telemetry.span("first").spanContext().spanId,
    );
  });

  test.each([
    NaN,
    Infinity,
    new Date(NaN),
    "yesterday",
    null,
    undefined,
    [1],
    [1, -1],
    [NaN, 0],
    {},
  ])("replaces an unusable time such as %p", (time) => {
    const now = Math.floor(Date.now() / 1_000);
    emitSpan("bad end", { start: AT, end: time as TimeInput });
    emitSpan("bad start", { start: time as TimeInput, end: AT });
    expect(telemetry.span("bad end").endTime[0]).toBeGreaterThanOrEqual(now);
    expect(telemetry.span("bad start").startTime).toEqual([1_700_000_000, 250_000_000]);
  });

  test("sends nothing without telemetry", () => {
    delete globalState().runtime;
    expect(emitSpan("over", { start: AT, end: AT })).toEqual(INVALID_SPAN_CONTEXT);
  });
});
