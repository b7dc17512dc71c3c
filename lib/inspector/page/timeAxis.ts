/** Approximate number of marks on an axis. */
const WANTED = 6;
const STEPS = [1, 2, 5, 10] as const;

/** Round values in a range in ms, for the marks of an axis. */
export function timeTicks(from: number, to: number): readonly number[] {
  const range = to - from;
  if (!(range > 0)) return [from];
  const power = 10 ** Math.floor(Math.log10(range / WANTED));
  const step = power * (STEPS.find((factor) => range / (power * factor) <= WANTED) ?? 10);
  const ticks: number[] = [];
  // Far from zero with a small step, `i + 1` may equal `i`, so the number of ticks is limited too.
  for (let i = Math.ceil(from / step); i * step <= to && ticks.length <= 2 * WANTED; i++)
    ticks.push(i * step);
  return ticks;
}

/** The visible part of a trace, in ms since the trace's start. Within the trace, and empty only if the trace is. */
export class TimeRange {
  readonly from: number;
  readonly to: number;

  constructor(
    readonly duration: number,
    from = 0,
    to = duration,
  ) {
    // A range below a microsecond would show nothing.
    const width = Math.max(Math.abs(to - from), Math.min(duration, 0.001));
    this.from = Math.max(0, Math.min(from, to, duration - width));
    this.to = Math.min(duration, this.from + width);
  }

  get isWhole(): boolean {
    return this.from === 0 && this.to === this.duration;
  }

  /** A range around `around`, narrower for a factor below 1 and wider above. */
  zoom(factor: number, around: number): TimeRange {
    const width = Math.min(this.duration, (this.to - this.from) * factor);
    const from = around - width * this.share(around);
    return new TimeRange(this.duration, from, from + width);
  }

  /** The position of a time as a share of the range; below 0 or above 1 if it is outside. */
  share(ms: number): number {
    return (ms - this.from) / (this.to - this.from || 1);
  }
}
