import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import type { DeliveryRecord } from "../../lib/delivery/DeliveryRecord.js";
import { createRedactor } from "../../lib/redaction/createRedactor.js";
import { OTLP_CONTENT_TYPES, otlpFormat, serializeSpans } from "../../lib/tracing/otlpFormat.js";

const JSON_TYPE = OTLP_CONTENT_TYPES["http/json"];
const PROTOBUF = OTLP_CONTENT_TYPES["http/protobuf"];

function record(body: object | string, count = 1, contentType = JSON_TYPE): DeliveryRecord {
  const isBody = typeof body === "string" || body instanceof Uint8Array;
  return {
    id: "whole",
    count,
    urgent: true,
    contentType,
    body: isBody ? body : JSON.stringify(body),
  };
}
const batch = (...names: string[]) => ({ resourceSpans: names.map((name) => ({ name })) });
const text = (body: Uint8Array | string) => Buffer.from(body as string).toString("utf8");

describe("several batches in one request", () => {
  it("leaves a single batch as it is", () => {
    const body = Buffer.from([1, 2, 3]);
    expect(otlpFormat.join([record(body)])).toBe(body);
  });

  it("joins JSON batches inside their list, bytes and texts alike", () => {
    const joined = otlpFormat.join([
      record(batch("a", "b")),
      record(Buffer.from(JSON.stringify(batch("ü")))),
      record(batch()),
      record(batch("d")),
    ]);
    expect(JSON.parse(text(joined))).toEqual(batch("a", "b", "ü", "d"));
  });

  it("puts protobuf batches one behind the other", () => {
    const joined = otlpFormat.join([
      record(Uint8Array.of(10, 1, 7), 1, PROTOBUF),
      record(Uint8Array.of(10, 1, 8), 1, PROTOBUF),
    ]);
    expect([...(joined as Uint8Array)]).toEqual([10, 1, 7, 10, 1, 8]);
  });

  it("does not join what it does not know", () => {
    expect(() => otlpFormat.join([record(batch("a")), record('{"other":[]}')])).toThrow(
      "not a request of spans",
    );
  });
});

describe("a batch that is cut", () => {
  const resource = { attributes: [{ key: "tier", value: { stringValue: "ü" } }] };
  const scope = (name: string, ...spans: number[]) => ({
    scope: { name },
    spans: spans.map((n) => ({ n })),
  });
  const request = (...scopeSpans: object[]) => ({ resourceSpans: [{ resource, scopeSpans }] });
  const split = (whole: DeliveryRecord) => otlpFormat.split?.(whole) ?? [];
  const read = ({ body }: DeliveryRecord) => JSON.parse(body as string) as unknown;

  it("gives halves with the resource and the scopes of their spans", () => {
    const halves = split(record(request(scope("a", 1, 2), scope("b", 3, 4, 5)), 5));
    expect(halves.map(read)).toEqual([request(scope("a", 1, 2)), request(scope("b", 3, 4, 5))]);
    expect(halves).toMatchObject([
      { count: 2, urgent: true, contentType: JSON_TYPE },
      { count: 3, urgent: true, contentType: JSON_TYPE },
    ]);
    expect(new Set([...halves.map(({ id }) => id), "whole"]).size).toBe(3);
  });

  it("cuts within a scope, over several resources, and reads bytes", () => {
    const two = {
      resourceSpans: [
        ...request(scope("a", 1, 2, 3)).resourceSpans,
        ...request(scope("b", 4, 5), scope("c", 6)).resourceSpans,
      ],
    };
    const halves = split(record(Buffer.from(JSON.stringify(two)), 6));
    expect(halves.map(read)).toEqual([
      request(scope("a", 1, 2, 3)),
      request(scope("b", 4, 5), scope("c", 6)),
    ]);
    expect(split(halves[0] as DeliveryRecord).map(read)).toEqual([
      request(scope("a", 1)),
      request(scope("a", 2, 3)),
    ]);
  });

  it("leaves a single span and a protobuf batch whole", () => {
    expect(otlpFormat.split?.(record(request(scope("a", 1)), 1))).toBeUndefined();
    expect(otlpFormat.split?.(record(Uint8Array.of(10, 1, 7), 2, PROTOBUF))).toBeUndefined();
  });

  it("throws on what is no JSON, so that the batch is not cut", () => {
    expect(() => otlpFormat.split?.(record("no JSON", 2))).toThrow();
  });
});

describe("the reply of a collector that took a batch", () => {
  const read = (body: Uint8Array | string, contentType = JSON_TYPE) =>
    otlpFormat.readReply?.({
      status: 200,
      headers: { "content-type": contentType },
      body: Buffer.from(body as string),
      cut: false,
    });

  it.each<[string, number, string | undefined]>([
    ['{"partialSuccess":{"rejectedSpans":3,"errorMessage":"too old"}}', 3, "too old"],
    ['{"partialSuccess":{"rejectedSpans":"3"}}', 3, undefined],
    ['{"partialSuccess":{"errorMessage":"a warning"}}', 0, "a warning"],
    ['{"partialSuccess":{"rejectedSpans":"0","errorMessage":""}}', 0, undefined],
    ['{"partialSuccess":{"errorMessage":5}}', 0, undefined],
    ['{"partialSuccess":{}}', 0, undefined],
    ['{"partialSuccess":null}', 0, undefined],
    ['{"partialSuccess":{"rejectedSpans":-1}}', 0, undefined],
    ['{"partialSuccess":{"rejectedSpans":1.5}}', 0, undefined],
    ['{"partialSuccess":{"rejectedSpans":"many"}}', 0, undefined],
    ['{"partialSuccess":{"rejectedSpans":1e300}}', 0, undefined],
    ["{}", 0, undefined],
    ["", 0, undefined],
    ["OK", 0, undefined],
    ["null", 0, undefined],
    ['"partialSuccess"', 0, undefined],
    ['["partialSuccess"]', 0, undefined],
  ])("%s", (body, rejected, message) => {
    expect(read(body)).toEqual({ rejected, ...(message === undefined ? {} : { message }) });
  });

  it("is read as protobuf too", () => {
    // ExportTraceServiceResponse { partial_success { rejected_spans: 2, error_message: "old" } }
    const reply = Uint8Array.of(0x0a, 7, 0x08, 2, 0x12, 3, 0x6f, 0x6c, 0x64);
    expect(read(reply, PROTOBUF)).toEqual({ rejected: 2, message: "old" });
    expect(read(Uint8Array.of(), PROTOBUF)).toEqual({ rejected: 0 });
    expect(ProtobufTraceSerializer.deserializeResponse(reply)).toMatchObject({
      partialSuccess: { errorMessage: "old" },
    });
  });
});

describe("serializeSpans", () => {
  const span = new BasicTracerProvider()
    .getTracer("land.air")
    .startSpan("work", { attributes: { password: "hunter2", n: 1 } });
  span.end();
  const spans = [span as unknown as ReadableSpan];
  const redactor = createRedactor({});

  it.each(["http/json", "http/protobuf"] as const)("writes redacted copies as %s", (protocol) => {
    const body = Buffer.from(serializeSpans(spans, protocol, redactor) ?? []).toString("latin1");
    expect(body).toContain("work");
    expect(body).not.toContain("hunter2");
  });

  it("gives nothing for spans that cannot be serialized", () => {
    const broken = [{} as ReadableSpan];
    expect(serializeSpans(broken, "http/json", redactor)).toBeUndefined();
  });
});
