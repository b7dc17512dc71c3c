import { crc32 as node } from "node:zlib";
import { crc32 } from "../../lib/shared/crc32";

describe("crc32", () => {
  it("gives what node:zlib gives for the first texts, which it computes itself, for those after, and for long ones", () => {
    for (let index = 0; index < 60; index++)
      expect(crc32(`land:é€😀 ${index}`, index)).toBe(node(`land:é€😀 ${index}`, index));
    const long = "0123456789".repeat(1_000);
    expect(crc32(long)).toBe(node(long));
    expect(crc32(Buffer.from("short again"))).toBe(node("short again"));
  });
});
