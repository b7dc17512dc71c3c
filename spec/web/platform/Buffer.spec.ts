import { Buffer as Bytes } from "../../../lib/web/platform/Buffer.js";

describe("the bytes of a page", () => {
  it.each([
    ["hä 🌍", undefined],
    ["", undefined],
    ["00ff10", "hex"],
    ["0g", "hex"],
    ["aGVsbG8_", "base64"],
    ["aGVsbG8/fn4=", "base64"],
    ["aGVsbG8-", "base64url"],
  ] as const)("of %j as %s are the same as Node's", (text, encoding) =>
    expect([...Bytes.from(text, encoding)]).toEqual([...Buffer.from(text, encoding)]),
  );

  it("are none if the string is not valid base64", () => {
    expect(Bytes.from("not base64!", "base64")).toHaveLength(0);
  });

  it("are counted and read back as in Node", () => {
    const text = "hä 🌍";
    expect([Bytes.byteLength(text), Bytes.byteLength(Bytes.from(text))]).toEqual([8, 8]);
    const bytes = Bytes.from(text);
    const theirs = Buffer.from(text);
    expect([String(bytes), bytes.toString()]).toEqual([text, text]);
    expect((bytes as unknown as Buffer).toString("latin1")).toBe(theirs.toString("latin1"));
    const { buffer } = new Uint8Array([1, 2, 3, 4]);
    expect([...Bytes.from(buffer, 1, 2)]).toEqual([2, 3]);
  });
});
