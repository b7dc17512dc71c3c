import fc from "fast-check";
import { crc32 } from "node:zlib";
import { readSegmentNow } from "../../../lib/delivery/disk/readSegment";
import { formatAcks, formatRecord, MAX_LINE_BYTES } from "../../../lib/delivery/disk/segmentCodec";
import { record } from "../support/makeDisk";

const SLICE = 64 * 1024;
const LIMIT = 64 * 1024 * 1024;

/** Reads a segment that is in memory, and checks that no read is longer than the longest line. */
function read(content: Buffer, limit = LIMIT): ReturnType<typeof readSegmentNow> {
  let largest = 0;
  const segment = {
    size: content.length,
    read: (offset: number, length: number): Buffer => {
      largest = Math.max(largest, length);
      return content.subarray(offset, offset + length);
    },
  };
  const found = readSegmentNow(segment, limit);
  expect(largest).toBeLessThanOrEqual(MAX_LINE_BYTES + 1);
  return found;
}

/** A line with its correct checksum, whatever it contains. */
function sealed(start: string): Buffer {
  const checksum = crc32(start).toString(16).padStart(8, "0");
  return Buffer.from(`${start},"checksum":"${checksum}"}\n`);
}

describe("reading a segment", () => {
  it("finds all records, whatever the lengths of the lines and whatever is between them", () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).filter((b) => b !== 10)),
      fc.integer({ min: 0, max: 3 * SLICE }).map((length) => Buffer.alloc(length, 0x20)),
      fc.integer({ min: 0, max: 3 * SLICE }).map((length) => Buffer.alloc(length)),
    );
    const body = fc
      .oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: SLICE - 300, max: 5 * SLICE }))
      .map((length) => JSON.stringify("x".repeat(length)));
    fc.assert(
      fc.property(fc.array(fc.tuple(body, noise), { maxLength: 6 }), (parts) => {
        const lines: Uint8Array[] = [];
        let damaged = 0;
        for (const [i, [text, between]] of parts.entries()) {
          lines.push(formatRecord(record(`id${i}`, { body: text })), between, Buffer.of(10));
          if (between.length > 0) damaged++;
        }
        const { records, skipped } = read(Buffer.concat(lines));
        expect([...records.keys()]).toEqual(parts.map((_, i) => `id${i}`));
        expect(skipped).toBe(damaged);
        const content = Buffer.concat(lines);
        for (const { offset, length } of records.values())
          expect([content[offset], content[offset + length]]).toEqual([0x7b, 10]);
      }),
      { numRuns: 200 },
    );
  });

  it("leaves out acknowledged records, however many are acknowledged together", () => {
    const ids = Array.from({ length: 300 }, (_, i) => `id${i}`);
    const lines = ids.map((id) => formatRecord(record(id)));
    const { records, skipped } = read(Buffer.concat([...lines, formatAcks(ids.slice(0, 299))]));
    expect([[...records.keys()], skipped]).toEqual([["id299"], 0]);
  });

  it("reads no further than its limit, and counts the rest as skipped", () => {
    const lines = ["a", "b"].map((id) => formatRecord(record(id)));
    const { records, skipped } = read(Buffer.concat(lines), lines[0]?.length);
    expect([[...records.keys()], skipped]).toEqual([["a"], 1]);
  });

  const head = '{"v":1,"id":"a","count":1,"urgent":true,"time":1,"contentType":"application/json"';
  const type = '"contentType":"application/json"';
  const change = (from: string, to: string): string => `${head.replace(from, to)},"body":{}`;
  it("accepts the line from which the lines below differ", () => {
    expect(read(sealed(`${head},"body":{}`)).records.size).toBe(1);
  });
  it.each([
    ...["0", "-1", "1.5", "1e15", "1e400", '"1"', "null", "true", "[1]", "{}", "300"].map((to) => [
      change('"count":1', `"count":${to}`),
    ]),
    ...["1", "null", '""', "[]", JSON.stringify("x".repeat(200))].map((to) => [
      change('"id":"a"', `"id":${to}`),
    ]),
    ...["0", "2", '"1"', "null"].map((to) => [change('"v":1', `"v":${to}`)]),
    ...['"now"', "null", "{}"].map((to) => [change('"time":1', `"time":${to}`)]),
    ...["1", "null", '"yes"'].map((to) => [change('"urgent":true', `"urgent":${to}`)]),
    ...["5", '""', '"a"', '"a/b\\r\\nX-Evil: 1"', "{}", JSON.stringify(`a/${"b".repeat(99)}`)].map(
      (to) => [change(type, `"contentType":${to}`)],
    ),
    ...["5", '"utf8"', "{}", "null"].map((to) => [change(type, `${type},"encoding":${to}`)]),
    [change('"id":"a"', `"id":"a","x":${"[".repeat(900)}${"]".repeat(900)}`)],
    [change('"id":"a"', `"x":"${"y".repeat(2_000)}"`)],
    ["[1,2"],
    ['{"ack":"a"'],
    ['{"ack":{"length":4294967295}'],
    [`{"ack":[${"[".repeat(50_000)}${"]".repeat(50_000)}]`],
    [`{"ack":["${"x".repeat(70_000)}"]`],
    ["nothing of ours"],
    [""],
  ])("skips and counts a line with a correct checksum that we would not write: %.90s", (start) => {
    expect(read(sealed(start))).toEqual({ records: new Map(), skipped: 1 });
  });
});
