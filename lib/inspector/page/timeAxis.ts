/** About so many marks on an axis. */
const WANTED = 6;
const STEPS = [1, 2, 5, 10] as const;

/** Round moments of a range in ms, for the marks of an axis. */
export function timeTicks(from: number, to: number): readonly number[] {
  const range = to - from;
  if (!(range > 0)) return [from];
  const power = 10 ** Math.floor(Math.log10(range / WANTED));
  const step = power * (STEPS.find((factor) => range / (power * factor) <= WANTED) ?? 10);
  const ticks: number[] = [];
  // Far from zero and near each other, the next whole number may be the same number.
  for (let i = Math.ceil(from / step); i * step <= to && ticks.length <= 2 * WANTED; i++)
    ticks.push(i * step);
  return ticks;
}

/** The part of a trace that is in sight, in ms since its start; never empty, never outside. */
export class TimeRange {
  readonly from: number;
  readonly to: number;

  constructor(
    readonly duration: number,
    from = 0,
    to = duration,
  ) {
    // A range below a microsecond has nothing in it.
    const width = Math.max(Math.abs(to - from), Math.min(duration, 0.001));
    this.from = Math.max(0, Math.min(from, to, duration - width));
    this.to = Math.min(duration, this.from + width);
  }

  get isWhole(): boolean {
    return this.from === 0 && this.to === this.duration;
  }

  /** A narrower (below 1) or wider range around a moment. */
  zoom(factor: number, around: number): TimeRange {
    const width = Math.min(this.duration, (this.to - this.from) * factor);
    const from = around - width * this.share(around);
    return new TimeRange(this.duration, from, from + width);
  }

  /** Where a moment is, as a share of the range. */
  share(ms: number): number {
    return (ms - this.from) / (this.to - this.from || 1);
  }
}
