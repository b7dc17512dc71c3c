import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import fc from "fast-check";
import type { DeliveryRecord } from "../../lib/delivery/DeliveryRecord.js";
import { OTLP_CONTENT_TYPES, otlpFormat, OTLP_SERIALIZERS } from "../../lib/tracing/otlpFormat.js";
import { decodeOtlp } from "../strict/decodeOtlp.js";

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
/** The number of spans in each scope of each resource. */
const shapes = fc.array(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 3,
});
function spansOf(shape: readonly (readonly number[])[]): ReadableSpan[] {
  return shape.flatMap((scopes, r) => {
    const provider = new BasicTracerProvider({ resource: resourceFromAttributes({ r }) });
    return scopes.flatMap((count, s) =>
      Array.from({ length: count }, (_, i) => {
        const attributes = { long: "x".repeat(100 * i) };
        const span = provider.getTracer(`scope ${s}`).startSpan(`${r} ${s} ${i}`, { attributes });
        span.end();
        return span as unknown as ReadableSpan;
      }),
    );
  });
}
const spanNames = (body: Uint8Array | string): unknown[] =>
  decodeOtlp(
    Buffer.from(body as string),
    typeof body === "string" || body[0] === 0x7b ? JSON_TYPE : PROTOBUF,
  ).map(({ name }) => name);
const text = (body: Uint8Array | string) => Buffer.from(body as string).toString("utf8");

describe("joining batches into one request", () => {
  it("leaves a single batch unchanged", () => {
    const body = Buffer.from([1, 2, 3]);
    expect(otlpFormat.join([record(body)])).toBe(body);
  });

  it("merges JSON batches into one list, whether bytes or strings", () => {
    const joined = otlpFormat.join([
      record(batch("a", "b")),
      record(Buffer.from(JSON.stringify(batch("ü")))),
      record(batch()),
      record(batch("d")),
    ]);
    expect(JSON.parse(text(joined))).toEqual(batch("a", "b", "ü", "d"));
  });

  it("concatenates protobuf batches", () => {
    const joined = otlpFormat.join([
      record(Uint8Array.of(10, 1, 7), 1, PROTOBUF),
      record(Uint8Array.of(10, 1, 8), 1, PROTOBUF),
    ]);
    expect([...(joined as Uint8Array)]).toEqual([10, 1, 7, 10, 1, 8]);
  });

  it("refuses a body that is not a request for spans", () => {
    expect(() => otlpFormat.join([record(batch("a")), record('{"other":[]}')])).toThrow(
      "not a request for spans",
    );
  });
});

describe("splitting a batch", () => {
  const resource = { attributes: [{ key: "tier", value: { stringValue: "ü" } }] };
  const scope = (name: string, ...spans: number[]) => ({
    scope: { name },
    spans: spans.map((n) => ({ n })),
  });
  const request = (...scopeSpans: object[]) => ({ resourceSpans: [{ resource, scopeSpans }] });
  const split = (whole: DeliveryRecord) => otlpFormat.split?.(whole) ?? [];
  const read = ({ body }: DeliveryRecord) => JSON.parse(body as string) as unknown;

  it("gives halves, each with the resource and scopes of its spans", () => {
    const halves = split(record(request(scope("a", 1, 2), scope("b", 3, 4, 5)), 5));
    expect(halves.map(read)).toEqual([request(scope("a", 1, 2)), request(scope("b", 3, 4, 5))]);
    expect(halves).toMatchObject([
      { count: 2, urgent: true, contentType: JSON_TYPE },
      { count: 3, urgent: true, contentType: JSON_TYPE },
    ]);
    expect(new Set([...halves.map(({ id }) => id), "whole"]).size).toBe(3);
  });

  it("splits between resources and within a scope, and reads bytes", () => {
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

  it("leaves a single span whole", () => {
    expect(otlpFormat.split?.(record(request(scope("a", 1)), 1))).toBeUndefined();
  });

  it("throws on a body that is not a valid request, so that the batch is not split", () => {
    expect(() => otlpFormat.split?.(record("no JSON", 2))).toThrow();
    expect(() => otlpFormat.split?.(record(Uint8Array.of(10, 1, 7), 2, PROTOBUF))).toThrow();
    expect(() => otlpFormat.split?.(record(Uint8Array.of(10, 200), 2, PROTOBUF))).toThrow();
  });

  it("loses no span if the batch holds more than its count says", () => {
    const halves = split(record(request(scope("a", 1, 2, 3, 4, 5)), 2));
    expect(halves.map(read)).toEqual([request(scope("a", 1)), request(scope("a", 2, 3, 4, 5))]);
  });

  it("gives the same halves in protobuf as in JSON, down to single spans", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const spans = spansOf(shape);
        const cutDown = (whole: DeliveryRecord): DeliveryRecord[] =>
          whole.count < 2 ? [whole] : split(whole).flatMap(cutDown);
        const parts = (["http/json", "http/protobuf"] as const).map((protocol) => {
          const body = OTLP_SERIALIZERS[protocol].serializeRequest(spans) ?? new Uint8Array();
          return cutDown(record(body, spans.length, OTLP_CONTENT_TYPES[protocol]));
        });
        const names = parts.map((each) => each.map(({ body }) => spanNames(body)));
        expect(names[0]).toEqual(spans.map(({ name }) => [name]));
        expect(names[1]).toEqual(names[0]);
      }),
    );
  });
});

describe("the reply of a collector", () => {
  const read = (body: Uint8Array | string, contentType = JSON_TYPE) =>
    otlpFormat.readReply?.({
      status: 200,
      headers: { "content-type": contentType },
      body: Buffer.from(body as string),
      cut: false,
    });
  const unknown = { verdict: "unknown" };

  it.each<[string, object | undefined]>([
    [
      '{"partialSuccess":{"rejectedSpans":3,"errorMessage":"too old"}}',
      { rejected: 3, message: "too old" },
    ],
    ['{"partialSuccess":{"rejectedSpans":"3"}}', { rejected: 3 }],
    ['{"partial_success":{"rejected_spans":"3"}}', { rejected: 3 }],
    ['{"partialSuccess":{"rejectedSpans":"1e1"}}', { rejected: 10 }],
    ['{"partialSuccess":{"errorMessage":"a warning"}}', { rejected: 0, message: "a warning" }],
    ['{"partialSuccess":{"rejectedSpans":"0","errorMessage":""}}', { rejected: 0 }],
    ['{"partialSuccess":{"errorMessage":5}}', { rejected: 0 }],
    ['{"partialSuccess":{}}', { rejected: 0 }],
    ['{"partialSuccess":null}', { rejected: 0 }],
    // Some spans were refused, but their number is unreadable.
    ['{"partialSuccess":{"rejectedSpans":-1}}', unknown],
    ['{"partialSuccess":{"rejectedSpans":1.5}}', unknown],
    ['{"partialSuccess":{"rejectedSpans":"many"}}', unknown],
    ['{"partialSuccess":{"rejectedSpans":true}}', unknown],
    ['{"partialSuccess":{"rejectedSpans":1e300}}', unknown],
    ["{}", { verdict: "taken" }],
    ["", {}],
    ["OK", {}],
    ["null", unknown],
    ['"partialSuccess"', unknown],
    ['["partialSuccess"]', unknown],
    ['{"code":8,"message":"full"}', { verdict: "later", reason: "grpc_8", message: "full" }],
    ["<html>Hotel</html>", undefined],
  ])("%s", (body, expected) => {
    if (expected === undefined) expect(read(body)).toBeUndefined();
    else expect(read(body)).toMatchObject(expected);
  });

  it("is read as protobuf too", () => {
    // ExportTraceServiceResponse { partial_success { rejected_spans: 2, error_message: "old" } }
    const reply = Uint8Array.of(0x0a, 7, 0x08, 2, 0x12, 3, 0x6f, 0x6c, 0x64);
    expect(read(reply, PROTOBUF)).toEqual({ rejected: 2, message: "old" });
    expect(read(Uint8Array.of(), PROTOBUF)).toEqual({});
    expect(ProtobufTraceSerializer.deserializeResponse(reply)).toMatchObject({
      partialSuccess: { errorMessage: "old" },
    });
    // rejected_spans: -1
    const minusOne = Uint8Array.of(0x0a, 11, 0x08, ...Array<number>(9).fill(0xff), 1);
    expect(read(minusOne, PROTOBUF)).toEqual(unknown);
    // google.rpc.Status { code: 3, message: "old" }
    const refused = Uint8Array.of(0x08, 3, 0x12, 3, 0x6f, 0x6c, 0x64);
    expect(read(refused, PROTOBUF)).toMatchObject({ verdict: "refused", message: "old" });
    for (const noise of [[0x0a, 7, 1], [0], [0x0a, 1], [0x0b, 1], [0xff, 0xff]])
      expect(read(Uint8Array.of(...noise), PROTOBUF)).toBeUndefined();
  });
});
