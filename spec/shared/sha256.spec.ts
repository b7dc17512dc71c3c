import { createHash } from "node:crypto";
import { sha256 } from "../../lib/shared/sha256";

const node = (text: string): string => createHash("sha256").update(text).digest("hex");

describe("sha256", () => {
  it("gives what node:crypto gives, at every length around the block's edges", () => {
    for (let length = 0; length < 200; length++) {
      const text = "land:cocoon:é€😀-".repeat(20).slice(0, length);
      expect(sha256(text)).toBe(node(text));
    }
  });

  it("gives the published value of the empty text and of abc", () => {
    expect(sha256("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  it("gives what node:crypto gives for a long text", () => {
    const text = "0123456789abcdef".repeat(5_000);
    expect(sha256(text)).toBe(node(text));
  });
});
