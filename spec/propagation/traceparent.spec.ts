import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { formatTraceparent, parseTraceparent } from "../../lib/propagation/traceparent.js";

describe("formatTraceparent and parseTraceparent", () => {
  it("write what they read, for a span of the official SDK", () => {
    const spanContext = new BasicTracerProvider().getTracer("spec").startSpan("span").spanContext();
    const text = formatTraceparent(spanContext);
    expect(text).toBe(`00-${spanContext.traceId}-${spanContext.spanId}-01`);
    expect(parseTraceparent(text)).toEqual({
      traceId: spanContext.traceId,
      spanId: spanContext.spanId,
      traceFlags: 1,
      isRemote: true,
    });
  });

  it("keep the random bit, also when the SDK makes a child of it", () => {
    const text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03";
    const parsed = parseTraceparent(text);
    if (parsed === undefined) throw new Error("not read");
    expect(formatTraceparent(parsed)).toBe(text);
    const root = trace.setSpanContext(ROOT_CONTEXT, parsed);
    const child = new BasicTracerProvider()
      .getTracer("spec")
      .startSpan("child", {}, root)
      .spanContext();
    expect(formatTraceparent(child)).toMatch(/-03$/);
  });

  it("write nothing for an invalid span context", () => {
    expect(
      formatTraceparent({ traceId: "0".repeat(32), spanId: "00f067aa0ba902b7", traceFlags: 1 }),
    ).toBe("");
    expect(formatTraceparent({ traceId: "x", spanId: "y", traceFlags: 1 })).toBe("");
  });

  it.each([
    undefined,
    null,
    1,
    {},
    [],
    ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
    Symbol("x"),
    () => "x",
  ])("read nothing from %p", (value) => {
    expect(parseTraceparent(value)).toBeUndefined();
  });
});
