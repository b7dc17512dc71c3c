import fc from "fast-check";
import { QuantileSketch, RELATIVE_ERROR } from "../../lib/posthog/QuantileSketch.js";

describe("QuantileSketch", () => {
  it("stays within its error for any durations, with an exact count, sum and maximum", () => {
    const durations = fc.array(fc.double({ min: 0.001, max: 86_400_000, noNaN: true }), {
      minLength: 1,
      maxLength: 300,
    });
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const sketch = new QuantileSketch();
        for (const value of values) sketch.add(value);
        const sorted = [...values].sort((left, right) => left - right);
        const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
        const slack = exact * (RELATIVE_ERROR + 1e-9);
        expect(Math.abs(sketch.quantile(share) - exact)).toBeLessThanOrEqual(slack);
        expect(sketch.count).toBe(values.length);
        expect(sketch.max).toBe(sorted.at(-1));
        expect(sketch.sum).toBeCloseTo(
          values.reduce((sum, value) => sum + value, 0),
          3,
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it("clamps quantiles outside its range, keeps the exact maximum, and gives 0 if it is empty", () => {
    const sketch = new QuantileSketch();
    expect([sketch.quantile(0.5), sketch.max]).toEqual([0, 0]);
    for (const value of [0, 1e-9, 1e12]) sketch.add(value);
    expect(sketch.quantile(0.5)).toBeCloseTo(0.001, 4);
    expect(sketch.quantile(1)).toBeGreaterThan(86_000_000);
    expect(sketch.max).toBe(1e12);
  });

  it("has fewer than 1,300 buckets over the widest range", () => {
    const sketch = new QuantileSketch();
    for (let exponent = -12; exponent < 24; exponent += 0.001) sketch.add(10 ** exponent);
    const buckets = new Set<number>();
    for (let rank = 1; rank <= sketch.count; rank++)
      buckets.add(sketch.quantile(rank / sketch.count));
    expect(buckets.size).toBeLessThan(1_300);
  });
});
