import { TimeRange, timeTicks } from "../../../lib/inspector/page/timeAxis.js";

describe("timeTicks", () => {
  it.each([
    [0, 100, [0, 20, 40, 60, 80, 100]],
    [0, 6, [0, 1, 2, 3, 4, 5, 6]],
    [0.5, 3.2, [0.5, 1, 1.5, 2, 2.5, 3]],
    [5, 5, [5]],
    [5, 4, [5]],
  ])("marks round moments from %d to %d ms", (from, to, marks) =>
    expect(timeTicks(from, to)).toEqual(marks),
  );

  it("stops where the next mark would be the same number, thousands of years from the start", () => {
    expect(timeTicks(1e14, 1e14 + 0.0625).length).toBeLessThan(13);
    expect(timeTicks(1e18, 1e18 + 256)).toHaveLength(13);
    expect(timeTicks(0, Number.MAX_VALUE).length).toBeLessThan(13);
    expect(timeTicks(Number.NaN, 1)).toHaveLength(1);
  });
});

describe("the part of a trace in view", () => {
  const parts = ({ from, to, isWhole }: TimeRange): readonly unknown[] => [from, to, isWhole];

  it.each([
    [new TimeRange(100), [0, 100, true]],
    [new TimeRange(100, 20, 50), [20, 50, false]],
    [new TimeRange(100, 50, 20), [20, 50, false]],
    [new TimeRange(100, 0, 50), [0, 50, false]],
    [new TimeRange(100, 50, 100), [50, 100, false]],
    [new TimeRange(100, -20, 10), [0, 30, false]],
    [new TimeRange(100, 80, 120), [60, 100, false]],
    [new TimeRange(100, -50, 150), [0, 100, true]],
    [new TimeRange(100, 30, 30), [30, 30.001, false]],
    [new TimeRange(0), [0, 0, true]],
  ])("is never outside the trace, and empty only if the trace is: %j", (range, expected) =>
    expect(parts(range)).toEqual(expected),
  );

  it("narrows or widens around a moment, which stays in place", () => {
    const narrow = new TimeRange(100).zoom(0.5, 20);
    expect(parts(narrow)).toEqual([10, 60, false]);
    expect([new TimeRange(100).share(20), narrow.share(20)]).toEqual([0.2, 0.2]);
    expect(parts(narrow.zoom(4, 20))).toEqual([0, 100, true]);
    expect(new TimeRange(0).share(0)).toBe(0);
  });
});
