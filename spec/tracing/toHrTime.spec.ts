import { toHrTime } from "../../lib/tracing/toHrTime.js";

const AT = 1_700_000_000_250;

describe("toHrTime", () => {
  it.each<[string, unknown, unknown]>([
    ["a Date", new Date(AT), [1_700_000_000, 250_000_000]],
    ["the first of all Dates", new Date(0), [0, 0]],
    ["milliseconds", AT, [1_700_000_000, 250_000_000]],
    ["parts of milliseconds", AT + 0.5, [1_700_000_000, 250_500_000]],
    ["milliseconds just before the next second", 4_000_000_999.9999995, [4_000_000, 999_999_999]],
    ["seconds and nanoseconds", [1_700_000_000, 6], [1_700_000_000, 6]],
    ["the last nanosecond of a second", [1_700_000_000, 999_999_999], [1_700_000_000, 999_999_999]],
    ["nanoseconds as a bigint", 1_700_000_000_250_000_001n, [1_700_000_000, 250_000_001]],
    [
      "the last nanosecond that backends can hold",
      9_223_372_035_999_999_999n,
      [9_223_372_035, 999_999_999],
    ],
    ["the last second that backends can hold", [9_223_372_035, 0], [9_223_372_035, 0]],
    [
      "the last millisecond that backends can hold",
      9_223_372_035_999,
      [9_223_372_035, 999_000_000],
    ],
  ])("reads %s", (_form, time, expected) => {
    expect(toHrTime(time)).toEqual(expected);
  });

  it("copies seconds and nanoseconds", () => {
    const given = [1_700_000_000, 6];
    expect(toHrTime(given)).not.toBe(given);
  });

  it("treats a time that the monotonic clock has passed as a reading of that clock", () => {
    const wall = (time: number | bigint | [number, number]): number => {
      const [seconds = 0, nanoseconds = 0] = toHrTime(time) ?? [];
      return seconds * 1_000 + nanoseconds / 1e6;
    };
    const reading = performance.now();
    const now = Date.now();
    // Date.now() gives whole milliseconds, and both clocks advance while they are read.
    const distance = (first: number, second: number): number => Math.abs(first - second);
    expect(distance(wall(reading), now)).toBeLessThan(1_000);
    expect(distance(wall(reading - 5_000), now - 5_000)).toBeLessThan(1_000);
    expect(distance(wall(0), performance.timeOrigin)).toBeLessThan(1_000);
    expect(distance(wall(process.hrtime.bigint()), now)).toBeLessThan(1_000);
    expect(distance(wall(process.hrtime.bigint() - 1_000_000_000n), now - 1_000)).toBeLessThan(
      1_000,
    );
    expect(distance(wall(process.hrtime()), now)).toBeLessThan(1_000);
    const [seconds, nanoseconds] = process.hrtime();
    expect(distance(wall([seconds - 1, nanoseconds]), now - 1_000)).toBeLessThan(1_000);
  });

  it.each<unknown>([
    Number.NaN,
    Infinity,
    -Infinity,
    new Date(Number.NaN),
    new Date(-1),
    "2026-01-01",
    null,
    undefined,
    true,
    {},
    [],
    [1],
    [1, 2, 3],
    [-1, 0],
    [0, -1],
    [Number.NaN, 0],
    [0, Number.NaN],
    [Infinity, 0],
    ["1", "2"],
    [1, 1_000_000_000],
    { 0: 1, 1: 2, length: 2 },
    // Microseconds or nanoseconds given by mistake.
    AT * 1e3,
    AT * 1e6,
    [AT, 0],
    -1n,
    9_223_372_036_000_000_000n,
    BigInt(AT) * 1_000_000_000n,
    [9_223_372_036, 0],
    9_223_372_036_000,
    new Date(8.64e15),
  ])("finds no time in %p", (time) => {
    expect(toHrTime(time)).toBeUndefined();
  });
});
