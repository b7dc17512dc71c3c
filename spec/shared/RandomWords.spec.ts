import { RandomWords } from "../../lib/shared/RandomWords.js";

/** Words without a sign, as the generator's description gives them. */
const wordsOf = (generator: RandomWords, count: number): number[] =>
  Array.from({ length: count }, () => generator.next() >>> 0);
const seedOf = (...words: number[]): Uint8Array => new Uint8Array(Int32Array.from(words).buffer);

describe("RandomWords", () => {
  it("is xoshiro128++", () => {
    const expected = [
      641, 1_573_767, 3_222_811_527, 3_517_856_514, 836_907_274, 4_247_214_768, 3_867_114_732,
      1_355_841_295,
    ];
    expect(wordsOf(new RandomWords(seedOf(1, 2, 3, 4)), expected.length)).toEqual(expected);
  });

  it("takes the seed as it lies in its buffer", () => {
    const bytes = new Uint8Array(24);
    bytes.set(seedOf(1, 2, 3, 4), 7);
    expect(new RandomWords(bytes.subarray(7, 23)).next()).toBe(641);
  });

  it("does not stay at zero with a seed of zeros", () => {
    expect(new Set(wordsOf(new RandomWords(new Uint8Array(16)), 100)).size).toBeGreaterThan(90);
  });

  it("gets a seed of its own from the system, also where Math.random has been replaced", () => {
    const real = Math.random;
    Math.random = () => 0.5;
    try {
      expect(
        new Set(Array.from({ length: 100 }, () => new RandomWords().next())).size,
      ).toBeGreaterThan(95);
    } finally {
      Math.random = real;
    }
  });
});
