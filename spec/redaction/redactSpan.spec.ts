import { createTraceState, SpanStatusCode } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { redactSpan } from "../../lib/redaction/redactSpan.js";

const redactor = createRedactor(
  { applicationRoot: "/opt/land/cocoon" },
  { home: "/home/jane.quist", user: "jane.quist" },
);
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ "host.path": "/etc/hosts" }),
});
const tracer = provider.getTracer("land.cocoon");

function ended(name: string, attributes = {}): ReadableSpan {
  const span = tracer.startSpan(name, { attributes });
  span.end();
  return span as unknown as ReadableSpan;
}

describe("redactSpan", () => {
  it("copies, so that the span in the process stays as it is", () => {
    const span = ended("open /etc/hosts", { file: "/etc/hosts" });
    const copy = redactSpan(redactor, span);
    expect(copy.name).toBe("open <path>");
    expect(copy.attributes).toEqual({ file: "<path>" });
    expect([span.name, span.attributes, span.resource.attributes["host.path"]]).toEqual([
      "open /etc/hosts",
      { file: "/etc/hosts" },
      "/etc/hosts",
    ]);
  });

  it("keeps everything that a span says of time, kind and identity", () => {
    const parent = {
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b7ad6b7169203331",
      traceFlags: 1,
      isRemote: true,
    };
    const span = {
      ...ended("open /etc/hosts"),
      kind: 2,
      parentSpanContext: parent,
      droppedEventsCount: 3,
      droppedLinksCount: 0,
      droppedAttributesCount: 1,
    } as unknown as ReadableSpan;
    const original = {
      ...span,
      spanContext: () => parent,
      duration: [1, 2],
      ended: true,
    } as unknown as ReadableSpan;
    const copy = redactSpan(redactor, original);
    expect(copy.spanContext()).toBe(parent);
    for (const key of [
      "kind",
      "startTime",
      "endTime",
      "duration",
      "ended",
      "parentSpanContext",
      "droppedEventsCount",
      "droppedLinksCount",
      "droppedAttributesCount",
    ] as const) {
      expect(copy[key]).toEqual(original[key]);
    }
  });

  it("redacts a resource once for all spans that share it", () => {
    const first = redactSpan(redactor, ended("a"));
    const second = redactSpan(redactor, ended("b"));
    expect(first.resource).toBe(second.resource);
    expect(first.resource.attributes).toEqual({ "host.path": "<path>" });
    expect(first.resource.merge(null).attributes).toEqual({ "host.path": "<path>" });
    expect(first.resource.getRawAttributes()).toEqual([["host.path", "<path>"]]);
  });

  it("looks again at a resource whose attributes are still to come", async () => {
    let settle: (value: string) => void = () => undefined;
    const later = new Promise<string>((resolve) => (settle = resolve));
    const resource = resourceFromAttributes({ "host.path": "/etc/hosts" });
    Object.defineProperty(resource, "asyncAttributesPending", { value: true, writable: true });
    const before = redactor.resource(resource);
    settle("x");
    await later;
    expect(redactor.resource(resource)).not.toBe(before);
  });

  it("redacts trace state members, and keeps the header well formed", () => {
    const context = {
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b7ad6b7169203331",
      traceFlags: 1,
      traceState: createTraceState("land=/etc/hosts,other=t61rcWkgMzE"),
    };
    const span = {
      ...ended("a"),
      spanContext: () => context,
      links: [{ context }],
    } as unknown as ReadableSpan;
    const copy = redactSpan(redactor, span);
    expect(copy.spanContext().traceState?.serialize()).toBe("land=<path>,other=t61rcWkgMzE");
    expect(copy.spanContext().traceState?.get("other")).toBe("t61rcWkgMzE");
    expect(copy.links[0]?.context.traceState?.serialize()).toBe("land=<path>,other=t61rcWkgMzE");
    expect(context.traceState.serialize()).toBe("land=/etc/hosts,other=t61rcWkgMzE");
  });

  it("redacts the status message and keeps the code", () => {
    const span = {
      ...ended("a"),
      status: { code: SpanStatusCode.ERROR, message: "no /etc/hosts" },
    } as unknown as ReadableSpan;
    expect(
      redactSpan(redactor, {
        ...span,
        spanContext: () => ({ traceId: "", spanId: "", traceFlags: 0 }),
      }).status,
    ).toEqual({ code: SpanStatusCode.ERROR, message: "no <path>" });
  });
});
