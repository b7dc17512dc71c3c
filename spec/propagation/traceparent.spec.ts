import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { formatTraceparent, parseTraceparent } from "../../lib/propagation/traceparent.js";

const IDS = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";

describe("formatTraceparent and parseTraceparent", () => {
  it("write and read the same, for a span of the official SDK", () => {
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

  it("keep the random bit, even when the SDK makes a child", () => {
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

  // "Versioning of traceparent": of later versions, only the known fields are read, and of the flags only `sampled`.
  it.each([
    ["a later version", `01-${IDS}-01`, 1],
    ["a later version, not sampled", `cc-${IDS}-00`, 0],
    ["a later version with flags nobody knows yet", `01-${IDS}-ff`, 1],
    ["a later version with the bit that is `random` in version 00", `fe-${IDS}-02`, 0],
    ["a later version with more behind a dash", `01-${IDS}-01-what-comes`, 1],
    ["a later version of 512 characters", `01-${IDS}-01-`.padEnd(512, "x"), 1],
    ["white space around version 00", ` \t00-${IDS}-01\t `, 1],
    ["white space around a later version", `\t01-${IDS}-01 `, 1],
  ])("read %s", (_what, text, traceFlags) => {
    expect(parseTraceparent(text)).toEqual({
      traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
      spanId: "00f067aa0ba902b7",
      traceFlags,
      isRemote: true,
    });
  });

  it.each([
    ["version ff", `ff-${IDS}-01`],
    ["version 00 with more behind it", `00-${IDS}-01-what`],
    ["a later version with more that no dash parts", `01-${IDS}-01what`],
    ["two headers joined by a comma", `01-${IDS}-01-a,01-${IDS}-01`],
    ["a later version of more than 512 characters", `01-${IDS}-01-`.padEnd(513, "x")],
    ["a later version that is too short", `01-${IDS}-0`],
    ["a later version in upper case", `01-${IDS.toUpperCase()}-01`],
    ["a later version with ids of zeros", `01-${IDS.replace(/[^-]/g, "0")}-01`],
  ])("read nothing from %s", (_what, text) => {
    expect(parseTraceparent(text)).toBeUndefined();
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
