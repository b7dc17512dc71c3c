/** What the Collector refuses and accepts; if its own decoder is available, both lists are checked against it. */
import { decodeOtlp } from "./decodeOtlp";
import type { StrictReceiver } from "./Receivers";
import { startGoReceiver } from "./Receivers";

const GO_RECEIVER = process.env["STRICT_RECEIVER"];
let receiver: StrictReceiver | undefined;
beforeAll(async () => {
  if (GO_RECEIVER !== undefined) receiver = await startGoReceiver(GO_RECEIVER);
});
afterAll(() => receiver?.close());

async function expectVerdict(body: Buffer, contentType: string, isTaken: boolean): Promise<void> {
  if (isTaken) expect(() => decodeOtlp(body, contentType)).not.toThrow();
  else expect(() => decodeOtlp(body, contentType)).toThrow();
  if (receiver === undefined) return;
  const reply = await fetch(`${receiver.url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": contentType },
    body: new Uint8Array(body),
  });
  expect(reply.status).toBe(isTaken ? 200 : 400);
}

/** The members of one span, as JSON. */
const REFUSED = [
  '"kind":"SERVER"',
  '"kind":1.5',
  '"kind":null',
  '"name":5',
  '"startTimeUnixNano":null',
  '"startTimeUnixNano":"-1"',
  '"startTimeUnixNano":-1',
  '"startTimeUnixNano":1e18',
  '"endTimeUnixNano":"NaN"',
  '"endTimeUnixNano":"18446744073709551616"',
  '"traceId":"abc"',
  '"traceId":"gggggggggggggggggggggggggggggggg"',
  '"spanId":5',
  '"status":{"code":"ERROR"}',
  '"status":[]',
  '"droppedLinksCount":-1',
  '"droppedLinksCount":4294967296',
  '"flags":0.5',
  '"attributes":{}',
  '"attributes":[{"key":5}]',
  '"attributes":[{"key":"a","value":{"intValue":9223372036854775808}}]',
  '"attributes":[{"key":"a","value":{"intValue":1e3}}]',
  '"attributes":[{"key":"a","value":{"intValue":"1.5"}}]',
  '"attributes":[{"key":"a","value":{"doubleValue":null}}]',
  '"attributes":[{"key":"a","value":{"doubleValue":"many"}}]',
  '"attributes":[{"key":"a","value":{"boolValue":"true"}}]',
  '"attributes":[{"key":"a","value":{"bytesValue":"%"}}]',
  '"attributes":[{"key":"a","value":{"arrayValue":{"values":[{"intValue":null}]}}}]',
  '"unknown":[1e999]',
  '"links":[{"traceId":"short"}]',
  '"events":[{"timeUnixNano":null}]',
];
const TAKEN = [
  "",
  '"name":null',
  '"kind":3',
  '"kind":"SPAN_KIND_SERVER"',
  '"startTimeUnixNano":"18446744073709551615"',
  '"traceId":""',
  '"status":null',
  '"status":{"code":2,"message":null}',
  '"unknown":{"any":[1e9]}',
  '"attributes":null',
  '"attributes":[{"key":"a","value":null}]',
  '"attributes":[{"key":"a","value":{"intValue":"-9223372036854775808"}}]',
  '"attributes":[{"key":"a","value":{"doubleValue":"NaN"}}]',
  '"attributes":[{"key":"a","value":{"doubleValue":1e3}}]',
  '"attributes":[{"key":"a","value":{"bytesValue":"AQ=="}}]',
];
const wrap = (members: string): Buffer =>
  Buffer.from(`{"resourceSpans":[{"scopeSpans":[{"spans":[{${members}}]}]}]}`);

it.each([
  ...REFUSED.map((members) => [members, false] as const),
  ...TAKEN.map((members) => [members, true] as const),
])("JSON %s is accepted: %p", async (members, isTaken) => {
  await expectVerdict(wrap(members), "application/json", isTaken);
});

/** Wraps a span in the lists around it. */
const inLists = (...span: number[]): number[] =>
  [2, 2, 1].reduce((inner, number) => [number * 8 + 2, inner.length, ...inner], span);

it.each<[string, number[], boolean]>([
  ["nothing", [], true],
  ["an empty span", inLists(), true],
  ["a name", inLists(0x2a, 1, 0x61), true],
  ["a field that is not known", inLists(0xf8, 0x3f, 1), true],
  ["a cut list", [10, 5, 1], false],
  ["a trace id of two bytes", inLists(10, 2, 1, 2), false],
  ["a name that is a number", inLists(0x28, 1), false],
  ["a time of four bytes", inLists(0x3d, 1, 2, 3, 4), false],
  ["a varint without an end", inLists(0x30, 0xff), false],
])("protobuf is judged as by the Collector: %s", async (_name, bytes, isTaken) => {
  await expectVerdict(Buffer.from(bytes), "application/x-protobuf", isTaken);
});
