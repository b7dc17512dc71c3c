import { crc32 as node } from "node:zlib";
import { computeCrc32 } from "../../lib/shared/computeCrc32";

describe("computeCrc32", () => {
  it("gives what node:zlib gives for texts and bytes, also continued", () => {
    for (const length of [0, 1, 2, 63, 500, 4_096]) {
      const text = "land:é€😀".repeat(800).slice(0, length);
      expect(computeCrc32(text)).toBe(node(text));
      expect(computeCrc32(Buffer.from(text), 0xdeadbeef)).toBe(node(Buffer.from(text), 0xdeadbeef));
      expect(computeCrc32(text, computeCrc32("head"))).toBe(node(`head${text}`));
    }
  });
});
