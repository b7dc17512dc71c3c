import { SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import type { DeliveryQueue } from "../../lib/delivery/DeliveryQueue.js";
import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { OTLP_SERIALIZERS } from "../../lib/tracing/otlpFormat.js";
import { SpanSerializer } from "../../lib/tracing/SpanSerializer.js";

const tracer = new BasicTracerProvider().getTracer("land.air");
const span = tracer.startSpan("work", { attributes: { password: "hunter2", n: 1 } });
span.end();
const spans = [span as unknown as ReadableSpan];

describe("SpanSerializer", () => {
  const dropped: unknown[] = [];
  const queue = {
    drop: (reason: string, count: number) => dropped.push([reason, count]),
  } as unknown as DeliveryQueue;
  const json = new SpanSerializer("http/json", createRedactor({}), queue);

  it.each(["http/json", "http/protobuf"] as const)("writes redacted copies as %s", (protocol) => {
    const serializer = new SpanSerializer(protocol, createRedactor({}), queue);
    const body = Buffer.from(serializer.serializeRequest(spans) ?? []).toString("latin1");
    expect(body).toContain("work");
    expect(body).not.toContain("hunter2");
    expect(span).toMatchObject({ attributes: { password: "hunter2" } });
    expect(dropped).toEqual([]);
  });

  it("knows the record of the bytes that it produced, and of no others", () => {
    const body = json.serializeRequest(spans) ?? new Uint8Array();
    expect(json.recordsOf(body)).toEqual([
      expect.objectContaining({ body, count: 1, urgent: false, contentType: "application/json" }),
    ]);
    expect(json.recordsOf(Uint8Array.from(body))).toEqual([]);
    expect(json.recordsOf("text")).toEqual([]);
  });

  it("marks a record with a failed span as urgent", () => {
    const failed = tracer.startSpan("failed").setStatus({ code: SpanStatusCode.ERROR });
    failed.end();
    expect(json.serialize([...spans, failed as unknown as ReadableSpan])).toMatchObject({
      count: 2,
      urgent: true,
    });
  });

  describe("spans that cannot be serialised", () => {
    // Copies hold only what is readable and what the serializers accept; these stand for unforeseen failures.
    const named = (name: string): ReadableSpan =>
      Object.assign(Object.create(span) as ReadableSpan, { name });
    const [uncopied, unwritten] = [named("uncopied"), named("unwritten")];
    const redactor = createRedactor({});
    const { text } = redactor;
    redactor.text = (value) => {
      if (value === "uncopied") throw new Error(value);
      return text.call(redactor, value);
    };
    for (const serializer of Object.values(OTLP_SERIALIZERS)) {
      const { serializeRequest } = serializer;
      jest.spyOn(serializer, "serializeRequest").mockImplementation((copies) => {
        if (copies.some(({ name }) => name === "unwritten")) throw new Error("unwritten");
        return serializeRequest.call(serializer, copies);
      });
    }
    afterAll(() => jest.restoreAllMocks());
    beforeEach(() => (dropped.length = 0));

    it.each(["http/json", "http/protobuf"] as const)(
      "are dropped alone, and counted: %s",
      (protocol) => {
        const serializer = new SpanSerializer(protocol, redactor, queue);
        const record = serializer.serialize([uncopied, ...spans, unwritten, ...spans]);
        expect(record).toMatchObject({ count: 2 });
        expect(dropped).toEqual([["unserialisable", 2]]);
      },
    );

    it("give no record if there are no others", () => {
      const serializer = new SpanSerializer("http/json", redactor, queue);
      expect(serializer.serialize([uncopied, unwritten])).toBeUndefined();
      expect(serializer.serializeRequest([uncopied])).toBeUndefined();
      expect(dropped).toEqual([
        ["unserialisable", 2],
        ["unserialisable", 1],
      ]);
    });
  });
});
