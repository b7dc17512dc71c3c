/** The largest error of a quantile, relative to its value. */
export const RELATIVE_ERROR = 0.01;
const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LOG_GAMMA = Math.log(GAMMA);
/** Values are clamped to these, a microsecond and a day in ms, which bounds a sketch to about 1,250 buckets. */
const MIN_VALUE = 0.001;
const MAX_VALUE = 86_400_000;

/**
 * Quantiles of any number of values in little memory: DDSketch (Masson, Rim and Lee 2019), which counts values in
 * buckets whose bounds grow by a constant factor.
 */
export class QuantileSketch {
  count = 0;
  sum = 0;
  max = 0;
  readonly #buckets = new Map<number, number>();

  add(value: number): void {
    this.count += 1;
    this.sum += value;
    this.max = Math.max(this.max, value);
    const bounded = Math.min(Math.max(value, MIN_VALUE), MAX_VALUE);
    const bucket = Math.ceil(Math.log(bounded) / LOG_GAMMA);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
  }

  /** The value that this share of all values does not exceed; 0 if there are none. */
  quantile(share: number): number {
    let rank = Math.max(1, Math.ceil(share * this.count));
    for (const bucket of [...this.#buckets.keys()].sort((left, right) => left - right)) {
      rank -= this.#buckets.get(bucket) ?? 0;
      if (rank <= 0) return Math.min(this.max, (2 * GAMMA ** bucket) / (GAMMA + 1));
    }
    return this.max;
  }
}
