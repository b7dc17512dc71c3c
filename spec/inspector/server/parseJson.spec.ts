import fc from "fast-check";
import { measureJson } from "../../../lib/inspector/server/parseJson.js";

const measure = (text: string): readonly number[] => {
  const { depth, members } = measureJson(Buffer.from(text));
  return [depth, members];
};

describe("measureJson", () => {
  it.each([
    ["7", 0, 0],
    ['"{[,"', 0, 0],
    ["{}", 1, 1],
    ["[[],[]]", 2, 4],
    ['{"a":{"b":[1,2,3]},"c":"]}"}', 3, 6],
    [String.raw`["\"[[[","\\",["x"]]`, 2, 4],
    ['["never ends', 1, 1],
    ["]]]][", 0, 1],
    ["[".repeat(100_000), 100_000, 100_000],
  ])("measures %.30s", (text, depth, members) => expect(measure(text)).toEqual([depth, members]));

  it("never gives less depth or fewer members than parsing does", () => {
    const depthOf = (value: unknown): number =>
      typeof value === "object" && value !== null
        ? 1 + Math.max(0, ...Object.values(value).map(depthOf))
        : 0;
    const membersOf = (value: unknown): number =>
      typeof value === "object" && value !== null
        ? Object.values(value).reduce<number>((sum, member) => sum + 1 + membersOf(member), 0)
        : 0;
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value = JSON.parse(text) as unknown;
        const [depth = 0, members = 0] = measure(text);
        expect(depth).toBeGreaterThanOrEqual(depthOf(value));
        expect(members).toBeGreaterThanOrEqual(membersOf(value));
      }),
      { numRuns: 1_000 },
    );
  });
});
