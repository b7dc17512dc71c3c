import { OtlpProtobuf } from "../../../lib/inspector/server/OtlpProtobuf.js";

/** A protobuf field: its tag, the length of its body, and the body. */
function field(tag: number, body: Uint8Array): Uint8Array {
  const length: number[] = [];
  for (let left = body.length; ; left >>>= 7) {
    length.push(left > 127 ? (left & 127) | 128 : left);
    if (left <= 127) break;
  }
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const protobuf = new OtlpProtobuf();
const decode = (body: Uint8Array): unknown => protobuf.decodeRequest(body, "traces");

/** A request whose innermost message is this many levels below it: an attribute of lists in lists. */
function nestedRequest(depth: number): Uint8Array {
  let body: Uint8Array = Buffer.alloc(0);
  for (let level = depth - 5; level > 0; level--) body = field(level % 2 === 1 ? 0x2a : 0x0a, body);
  for (const tag of [0x12, 0x4a, 0x12, 0x12, 0x0a]) body = field(tag, body);
  return body;
}

/** A request of this many messages, itself included, most of them empty links of a span. */
function requestOf(messages: number): Uint8Array {
  let body: Uint8Array = Buffer.alloc(2 * (messages - 4), Buffer.from([0x6a, 0]));
  for (const tag of [0x12, 0x12, 0x0a]) body = field(tag, body);
  return body;
}

it("decodes messages nested up to 64 levels", () => {
  expect(decode(nestedRequest(64))).toHaveProperty("resourceSpans");
  expect(() => decode(nestedRequest(65))).toThrow(/nests messages deeper than 64 levels/);
});

it("decodes up to 500,000 messages", () => {
  expect(decode(requestOf(500_000))).toHaveProperty("resourceSpans");
  expect(() => decode(requestOf(500_001))).toThrow(/more than 500000 messages/);
});
