import { ReadBuffer } from "../../lib/delivery/disk/ReadBuffer.js";
import type { Parcel } from "../../lib/delivery/Parcel.js";
import { joinBatches as joinIn } from "../../lib/tracing/joinBatches.js";

const parcel = (body: Uint8Array | string) => ({ id: "a", count: 1, urgent: false, body });
const json = (...names: string[]) =>
  JSON.stringify({ resourceSpans: names.map((name) => ({ name })) });
const joinBatches = (parcels: readonly Parcel[]) => joinIn(parcels, new ReadBuffer());
const text = (body: Uint8Array | string) =>
  typeof body === "string" ? body : Buffer.from(body).toString("utf8");

describe("joinBatches", () => {
  it("leaves a single batch as it is", () => {
    const body = Buffer.from([1, 2, 3]);
    expect(joinBatches([parcel(body)])).toBe(body);
  });

  it("joins JSON batches inside their list, bytes and texts alike", () => {
    expect(
      JSON.parse(
        text(
          joinBatches([
            parcel(json("a", "b")),
            parcel(Buffer.from(json("ü"))),
            parcel(json()),
            parcel(json("d")),
          ]),
        ),
      ),
    ).toEqual({
      resourceSpans: [{ name: "a" }, { name: "b" }, { name: "ü" }, { name: "d" }],
    });
  });

  it("puts protobuf batches one behind the other", () => {
    expect([
      ...Buffer.from(
        joinBatches([
          parcel(Uint8Array.of(10, 1, 7)),
          parcel(Uint8Array.of(10, 1, 8)),
        ]) as Uint8Array,
      ),
    ]).toEqual([10, 1, 7, 10, 1, 8]);
  });

  it("does not join what it does not know", () => {
    expect(() => joinBatches([parcel(json("a")), parcel('{"other":[]}')])).toThrow();
  });

  it("uses the memory of the last request for the next, whichever is longer", () => {
    const memory = new ReadBuffer();
    const bodies = [
      ["a", "b"],
      ["c"],
      ["a much longer name than those before", "d"],
      ["e"],
      ["f"],
    ].map(([first = "", ...rest]) => {
      const joined = joinIn([parcel(json(first)), parcel(json(...rest))], memory);
      expect(JSON.parse(text(joined))).toEqual({
        resourceSpans: [first, ...rest].map((name) => ({ name })),
      });
      return joined as Buffer;
    });
    expect(bodies[4]?.buffer === bodies[3]?.buffer).toBe(true);
  });
});
