import { Bit, tableOf } from "../../lib/redaction/characters.js";
import { Text } from "../../lib/redaction/Text.js";

/** Longer than the room there is: the rest is read from the string. */
const LONG = 1_200_000;
const DEL = 127;
const every = String.fromCharCode(
  ...Array.from({ length: 64 }, (_, index) => index * 1_024),
  0xd800,
  0xdfff,
  0xffff,
);
const putTogether = Array.from("abcdefghijklmnopqrstuvwxyz").reduce(
  (text, letter) => `${text}${letter}-`,
  "",
);

describe("Text", () => {
  it.each([
    ["an empty one", ""],
    ["a short one", "/home/é\u212a"],
    ["one of every kind of character", every],
    ["one that was put together", putTogether],
    ["a long one", every.repeat(LONG / 64)],
  ])("reads the characters of %s", (_, source) => {
    const text = Text.of(source);
    const codes = Array.from({ length: source.length }, (_unused, index) => index);
    expect(text.length).toBe(source.length);
    expect(
      codes.filter(
        (index) =>
          text.at(index) !== source.charCodeAt(index) ||
          text.unitAt(index) !== source.charCodeAt(index),
      ),
    ).toEqual([]);
  });

  it.each(["", "abc", "a".repeat(LONG)])(
    "has a sign without meaning before and after it, whatever was read before",
    (source) => {
      Text.of("/".repeat(LONG));
      const text = Text.of(source);
      expect([
        text.at(-1),
        text.at(-300),
        text.at(source.length),
        text.at(source.length + LONG),
      ]).toEqual([DEL, DEL, DEL, DEL]);
    },
  );

  it("finds where characters of a kind end, in both directions, also where the room ends", () => {
    const text = Text.of(`-${"a".repeat(LONG)}-`);
    const dash = tableOf((code) => code === 45);
    expect([
      text.skip(1, text.length, Bit.Word),
      text.skip(1, 9, Bit.Word),
      text.skipBack(LONG + 1, 0, Bit.Word),
      text.skipBack(LONG + 1, 9, Bit.Word),
    ]).toEqual([LONG + 1, 9, 1, 9]);
    expect([
      text.find(0, text.length, dash),
      text.find(1, text.length, dash),
      text.find(1, 9, dash),
    ]).toEqual([0, LONG + 1, 9]);
  });
});
