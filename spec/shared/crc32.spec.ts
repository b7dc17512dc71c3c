import { crc32 as node } from "node:zlib";
import { crc32 } from "../../lib/shared/crc32";

describe("crc32", () => {
  it("gives what node:zlib gives for texts and bytes, short and long, also continued", () => {
    for (const length of [0, 1, 2, 63, 500, 4_096]) {
      const text = "land:é€😀".repeat(800).slice(0, length);
      expect(crc32(text)).toBe(node(text));
      expect(crc32(Buffer.from(text), 0xdeadbeef)).toBe(node(Buffer.from(text), 0xdeadbeef));
      expect(crc32(text, crc32("head"))).toBe(node(`head${text}`));
    }
    const long = "0123456789".repeat(1_000);
    expect(crc32(long)).toBe(node(long));
    expect(crc32("short again")).toBe(node("short again"));
  });
});
