import { crc32, randomUuid, sha256 } from "../../lib/shared/builtins.js";

describe("the built-ins that are loaded at first use", () => {
  it("hash a string as UTF-8 (samples from FIPS 180-4, and one beyond ASCII)", () => {
    expect(sha256("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(sha256("é")).toBe("4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c");
  });

  it("give a string and bytes the same checksum, whole or in parts", () => {
    expect(crc32("123456789")).toBe(0xcbf43926);
    expect(crc32(Buffer.from("123456789"))).toBe(0xcbf43926);
    expect(crc32("6789", crc32("12345"))).toBe(0xcbf43926);
  });

  it("make version 4 UUIDs, each different", () => {
    const ids = Array.from({ length: 100 }, randomUuid);
    for (const id of ids)
      expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-/);
    expect(new Set(ids).size).toBe(100);
  });
});
