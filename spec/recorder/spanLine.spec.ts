import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { parseLines } from "../../lib/recorder/recordLine.js";
import type { SpanLine } from "../../lib/recorder/spanLine.js";
import { formatSpan, parseSpan, spanOf } from "../../lib/recorder/spanLine.js";
import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { spanLine, tracerOf } from "./support.js";

const redactor = createRedactor({}, {});
const resource = resourceFromAttributes({ "land.tier": "cocoon" });
const tracer = tracerOf();

function read(span: unknown, what: "open" | "end" = "open"): SpanLine | undefined {
  const [line] = parseLines(Buffer.from(formatSpan(redactor, span as ReadableSpan, what)));
  return parseSpan(line?.[what]);
}

describe("the line of a span", () => {
  it("holds everything in the span except its resource", () => {
    const parent = tracer.startSpan("outer");
    const span = tracer.startSpan(
      "inner",
      {
        kind: SpanKind.CLIENT,
        attributes: { n: 1, list: ["a", "b"] },
        links: [{ context: parent.spanContext(), attributes: { why: "it began it" } }],
      },
      trace.setSpan(ROOT_CONTEXT, parent),
    );
    span.addEvent("step", { at: 2 });
    span.setStatus({ code: SpanStatusCode.ERROR, message: "failed" });
    span.end();
    const line = read(span, "end");
    const back = line && spanOf(line, resource);
    const { name, kind, startTime, endTime, duration, status, attributes, links, events } =
      span as unknown as ReadableSpan;
    expect(back).toMatchObject({
      ...{ name, kind, startTime, endTime, duration, status, attributes, events, resource },
      links: [
        { context: { spanId: links[0]?.context.spanId }, attributes: { why: "it began it" } },
      ],
      parentSpanContext: {
        traceId: parent.spanContext().traceId,
        spanId: parent.spanContext().spanId,
      },
      instrumentationScope: { name: "spec" },
      ended: true,
    });
    expect(back?.spanContext()).toEqual(span.spanContext());
    const root = read(parent);
    expect(root && spanOf(root, resource).parentSpanContext).toBeUndefined();
  });

  it("loses attributes, events and links, and has its name shortened, if it would exceed 16 kB", () => {
    const short = tracer.startSpan("s".repeat(300), { attributes: { text: "x ".repeat(3_000) } });
    expect(read(short)?.name).toHaveLength(300);
    const long = tracer.startSpan("s".repeat(300));
    for (let n = 0; n < 4; n++) long.setAttribute(`text.${n}`, "x ".repeat(3_000));
    long.addEvent("step");
    const line = read(long);
    expect([line?.name.length, line?.attributes, line?.events, line?.links]).toEqual([
      256,
      {},
      [],
      [],
    ]);
  });

  it.each<[what: string, change: object]>([
    ["a trace id that is none", { trace: "0".repeat(32) }],
    ["a span id that is none", { span: "xyz" }],
    ["a parent that is none", { parent: "xyz" }],
    ["flags that are no number", { flags: "1" }],
    ["no name", { name: undefined }],
    ["attributes that are no object", { attributes: 1 }],
    ["no status", { status: undefined }],
    ["no scope", { scope: null }],
    ["a start that is no list", { start: 1 }],
    ["an end that is no list", { end: {} }],
    ["events that are no list", { events: {} }],
    ["links that are no list", { links: "x" }],
  ])("is rejected with %s", (_, change) => {
    const line = spanLine("work", "b7ad6b7169203331", "00f067aa0ba902b7");
    expect(parseSpan(line)).toBeDefined();
    expect(parseSpan({ ...line, ...change })).toBeUndefined();
    expect(parseSpan("text")).toBeUndefined();
  });
});

describe("a span that was never ended", () => {
  const line = (start: readonly [number, number]): SpanLine =>
    ({ ...spanLine("work", "b7ad6b7169203331"), start }) as SpanLine;

  it.each<[start: [number, number], endMs: number, end: [number, number], took: [number, number]]>([
    [[100, 0], 101_000, [101, 0], [1, 0]],
    [[100, 5e8], 101_250, [101, 25e7], [0, 75e7]],
    [[100, 5e8], 101_500, [101, 5e8], [1, 0]],
    // The clock was set back meanwhile.
    [[100, 5e8], 100_400, [100, 5e8], [0, 0]],
    [[100, 5e8], 1_000, [100, 5e8], [0, 0]],
    [[100, 5e8], 100_500.25, [100, 500_250_000], [0, 250_000]],
  ])("and began at %j is ended at %i ms, but not before it began", (start, endMs, end, took) => {
    const span = spanOf(line(start), resource, { endMs, attributes: {}, failed: false });
    expect([span.endTime, span.duration]).toEqual([end, took]);
  });

  it("fails only if its process did, and gets the given attributes", () => {
    const attributes = { "land.unfinished": true };
    const given = { ...line([1, 0]), attributes: { n: 1 }, status: { code: SpanStatusCode.OK } };
    for (const failed of [true, false]) {
      const span = spanOf(given, resource, { endMs: 2_000, attributes, failed });
      expect(span.status.code).toBe(failed ? SpanStatusCode.ERROR : SpanStatusCode.OK);
      expect(span.attributes).toEqual({ n: 1, "land.unfinished": true });
    }
  });
});
