import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import type { Inspector } from "../../../lib/inspector/server/startInspector.js";
import { startInspector } from "../../../lib/inspector/server/startInspector.js";
import { otlpSpan } from "./payloads.js";
import type { Answer } from "./request.js";
import { request } from "./request.js";

let inspector: Inspector;
beforeEach(async () => (inspector = await startInspector()));
afterEach(() => inspector.close());

const send = (body: Uint8Array, type = "application/x-protobuf"): Promise<Answer> =>
  request(`${inspector.url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": type },
    body: Buffer.from(body),
  });

function spans(): ReadableSpan[] {
  const tracer = new BasicTracerProvider({
    resource: resourceFromAttributes({
      "land.tier": "cocoon",
      "service.name": "land-editor-cocoon",
    }),
  }).getTracer("land.cocoon", "1.2.3");
  const parent = tracer.startSpan("land:cocoon:handler", {
    kind: SpanKind.SERVER,
    startTime: [1_760_000_000, 123_456_789],
    attributes: { text: "ä", flag: true, count: 7, share: 0.5, list: ["a", "b"], big: 2 ** 40 },
  });
  parent.recordException(Object.assign(new Error("gone"), { code: "ENOENT" }));
  parent.setStatus({ code: SpanStatusCode.ERROR, message: "gone" });
  parent.addLink({
    context: {
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b7ad6b7169203331",
      traceFlags: 1,
    },
    attributes: { why: "retry" },
  });
  parent.end([1_760_000_001, 5]);
  return [parent as unknown as ReadableSpan];
}

/** A protobuf field: its tag, the length of its body, and the body. */
const nested = (tag: number, body: Uint8Array): Uint8Array => {
  const length: number[] = [];
  for (let left = body.length; ; left >>>= 7) {
    length.push(left > 127 ? (left & 127) | 128 : left);
    if (left <= 127) break;
  }
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};

describe("OTLP in protobuf", () => {
  it("gives the same spans as JSON, and is answered in protobuf", async () => {
    const all = spans();
    const answer = await send(ProtobufTraceSerializer.serializeRequest(all) ?? new Uint8Array());
    expect([answer.status, answer.headers["content-type"], answer.text]).toEqual([
      200,
      "application/x-protobuf",
      "",
    ]);
    const received = inspector.traces()[0]?.spans;
    inspector.clear();
    await send(JsonTraceSerializer.serializeRequest(all) ?? new Uint8Array(), "application/json");
    expect(received).toEqual(inspector.traces()[0]?.spans);
    expect(received?.[0]).toMatchObject({
      name: "land:cocoon:handler",
      tier: "cocoon",
      statusCode: 2,
      attributes: { big: 2 ** 40, list: ["a", "b"] },
    });
  });

  it("is answered in protobuf with the number of spans that were rejected", async () => {
    // A request of one resource, one scope and one span without ids.
    const answer = await send(
      nested(0x0a, nested(0x12, nested(0x12, Buffer.from([0x2a, 1, 0x61])))),
    );
    expect(answer.status).toBe(200);
    expect(
      ProtobufTraceSerializer.deserializeResponse(Buffer.from(answer.text, "latin1")),
    ).toMatchObject({ partialSuccess: { rejectedSpans: 1 } });
    expect(inspector.counts().rejectedSpans).toBe(1);
  });

  it.each<[string, Uint8Array]>([
    ["JSON", Buffer.from(JSON.stringify(otlpSpan()))],
    ["noise", Buffer.from("ffffffffffffffffffff", "hex")],
    [
      "a message that is cut",
      (ProtobufTraceSerializer.serializeRequest(spans()) ?? new Uint8Array()).subarray(0, 200),
    ],
    [
      "messages without end",
      nested(0x0a, nested(0x12, Buffer.from("1200".repeat(600_000), "hex"))),
    ],
    [
      "messages inside each other",
      Array.from({ length: 70 }).reduce<Uint8Array>(
        (inner) => nested(0x2a, nested(0x0a, inner)),
        new Uint8Array(),
      ),
    ],
  ])("is refused with 400 if it is %s, and the receiver goes on serving", async (_what, body) => {
    const inside = _what.includes("inside")
      ? nested(0x0a, nested(0x0a, nested(0x0a, nested(0x12, body))))
      : body;
    const answer = await send(inside);
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ message: expect.stringContaining("not OTLP in protobuf") });
    expect(inspector.traces()).toEqual([]);
    expect(
      (await send(ProtobufTraceSerializer.serializeRequest(spans()) ?? new Uint8Array())).status,
    ).toBe(200);
  });
});
