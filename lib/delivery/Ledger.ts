import type { PipeStats } from "../shared/Stats.js";

/** Where something is while its fate is open. */
export type OpenState = "pending" | "spooled";

/** Reasons beyond this many are counted as `other`: a bound against reasons made from replies. */
const MAX_REASONS = 64;

/**
 * The books of one pipe. Every change moves a number from one state to another, so that
 * `accepted === delivered + (sum of dropped) + spooled + pending` cannot fail to hold. A move of more than
 * its source state has is cut to what is there.
 */
export class Ledger {
  private accepted = 0;
  private deliveredCount = 0;
  private replayed = 0;
  private readonly dropped = new Map<string, number>();
  private spooledInAll = 0;
  private readonly open: Record<OpenState, number> = { pending: 0, spooled: 0 };

  /** Something was handed to the pipe; it is pending from here on. */
  accept(count: number): void {
    if (!isCount(count)) return;
    this.accepted += count;
    this.open.pending += count;
  }

  /** Something that another process had spooled is now this one's to deliver. */
  adopt(count: number): void {
    if (!isCount(count)) return;
    this.accepted += count;
    this.open.spooled += count;
  }

  /** The far end acknowledged it. What comes from the spool also counts as replayed. */
  delivered(count: number, from: OpenState): void {
    const moved = this.take(count, from);
    this.deliveredCount += moved;
    if (from === "spooled") this.replayed += moved;
  }

  /** It was given up. */
  drop(reason: string, count: number, from: OpenState): void {
    const moved = this.take(count, from);
    if (moved === 0) return;
    const name = this.dropped.has(reason) || this.dropped.size < MAX_REASONS ? reason : "other";
    this.dropped.set(name, (this.dropped.get(name) ?? 0) + moved);
  }

  /** It left memory for the spool. */
  spool(count: number): void {
    const moved = this.take(count, "pending");
    this.open.spooled += moved;
    this.spooledInAll += moved;
  }

  /** How much has gone to the spool since the start, wherever it is by now. */
  get everSpooled(): number {
    return this.spooledInAll;
  }

  /** A copy of the books. */
  stats(): PipeStats {
    return {
      accepted: this.accepted,
      delivered: this.deliveredCount,
      replayed: this.replayed,
      dropped: Object.fromEntries(this.dropped),
      spooled: this.open.spooled,
      pending: this.open.pending,
    };
  }

  private take(count: number, from: OpenState): number {
    if (!isCount(count)) return 0;
    const moved = Math.min(count, this.open[from]);
    this.open[from] -= moved;
    return moved;
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
