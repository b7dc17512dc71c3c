import type { PipeStats } from "../shared/Stats.js";

/** Where an item is while its fate is open. */
type OpenState = "pending" | "spooled";

/** Further reasons are counted as `other`, because a reason may be made from a reply. */
const MAX_REASONS = 64;

/**
 * The counts of one pipe. Every change moves a number from one state to another, so that
 * `accepted === delivered + unknown + (sum of dropped) + spooled + pending` always holds. A move takes no more than its
 * source state has.
 */
export class DeliveryStats {
  private accepted = 0;
  private delivered = 0;
  private replayed = 0;
  private unclear = 0;
  private readonly dropped = new Map<string, number>();
  private readonly open: Record<OpenState, number> = { pending: 0, spooled: 0 };
  private everSpooled = 0;

  /** An item entered the pipe; it is pending from here on. */
  accept(count: number): void {
    this.enter(count, "pending");
  }

  /** What another process had spooled is now this one's to deliver. */
  adopt(count: number): void {
    this.enter(count, "spooled");
  }

  /** The endpoint acknowledged it. What comes from the spool also counts as replayed. */
  deliver(count: number, from: OpenState): void {
    const moved = this.take(count, from);
    this.delivered += moved;
    if (from === "spooled") this.replayed += moved;
  }

  /** The endpoint answered, but not whether it took it; it is not sent again, because it may have. */
  unknown(count: number, from: OpenState): void {
    this.unclear += this.take(count, from);
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
    this.everSpooled += moved;
  }

  /** What has gone to the spool and what was dropped since the start. */
  totals(): { readonly spooled: number; readonly dropped: number } {
    const dropped = [...this.dropped.values()].reduce((sum, count) => sum + count, 0);
    return { spooled: this.everSpooled, dropped };
  }

  /** A copy of the counts. */
  snapshot(): PipeStats {
    return {
      accepted: this.accepted,
      delivered: this.delivered,
      replayed: this.replayed,
      ...(this.unclear > 0 ? { unknown: this.unclear } : {}),
      dropped: Object.fromEntries(this.dropped),
      spooled: this.open.spooled,
      pending: this.open.pending,
    };
  }

  private enter(count: number, state: OpenState): void {
    if (!isCount(count)) return;
    this.accepted += count;
    this.open[state] += count;
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
