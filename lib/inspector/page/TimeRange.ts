/** The part of a trace that is in sight, in ms since its start; never empty, never outside. */
export class TimeRange {
  from = 0;
  to: number;

  constructor(readonly duration: number) {
    this.to = duration;
  }

  get isWhole(): boolean {
    return this.from === 0 && this.to === this.duration;
  }

  show(from: number, to: number): void {
    // A range below a microsecond has nothing in it.
    const width = Math.max(Math.abs(to - from), Math.min(this.duration, 0.001));
    this.from = Math.max(0, Math.min(Math.min(from, to), this.duration - width));
    this.to = Math.min(this.duration, this.from + width);
  }

  /** Makes it narrower (below 1) or wider around a moment. */
  zoom(factor: number, around: number): void {
    const width = Math.min(this.duration, (this.to - this.from) * factor);
    const share = (around - this.from) / (this.to - this.from || 1);
    this.show(around - width * share, around + width * (1 - share));
  }

  /** Where a moment is, as a share of the range. */
  share(ms: number): number {
    return (ms - this.from) / (this.to - this.from || 1);
  }
}
