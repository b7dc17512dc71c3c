import { timeTicks } from "../../../lib/inspector/page/timeAxis.js";

describe("timeTicks", () => {
  it.each([
    [0, 100, [0, 20, 40, 60, 80, 100]],
    [0.5, 3.2, [0.5, 1, 1.5, 2, 2.5, 3]],
    [5, 5, [5]],
    [5, 4, [5]],
  ])("marks round moments from %d to %d ms", (from, to, marks) =>
    expect(timeTicks(from, to)).toEqual(marks),
  );

  it("comes to an end where the next mark is the same number, thousands of years from the start", () => {
    expect(timeTicks(1e14, 1e14 + 0.0625).length).toBeLessThan(20);
    expect(timeTicks(0, Number.MAX_VALUE).length).toBeLessThan(20);
    expect(timeTicks(Number.NaN, 1)).toHaveLength(1);
  });
});
