import type { PipeStats } from "../shared/Stats.js";

/** Where an item is until it is settled. */
type OpenState = "pending" | "spooled";

/** Any further reasons are counted as `other`: a reason may be derived from a reply, so their number is not bounded. */
const MAX_REASONS = 64;

/**
 * The counts of one pipe. Every change moves a number from one state to another, so that
 * `accepted === delivered + unknown + (sum of dropped) + spooled + pending` always holds. A move never takes more than
 * the source state holds.
 */
export class DeliveryStats {
  private accepted = 0;
  private delivered = 0;
  private replayed = 0;
  private unclear = 0;
  private readonly dropped = new Map<string, number>();
  private readonly open: Record<OpenState, number> = { pending: 0, spooled: 0 };
  private everSpooled = 0;

  /** Items entered the pipe; they are pending from here on. */
  accept(count: number): void {
    this.enter(count, "pending");
  }

  /** This process has taken over items that another had spooled. */
  adopt(count: number): void {
    this.enter(count, "spooled");
  }

  /** The endpoint acknowledged the items. Those from the spool also count as replayed. */
  deliver(count: number, from: OpenState): void {
    const moved = this.take(count, from);
    this.delivered += moved;
    if (from === "spooled") this.replayed += moved;
  }

  /** The endpoint answered without saying whether it took the items. They are not sent again, because it may have. */
  unknown(count: number, from: OpenState): void {
    this.unclear += this.take(count, from);
  }

  /** The items were given up. */
  drop(reason: string, count: number, from: OpenState): void {
    const moved = this.take(count, from);
    if (moved === 0) return;
    const name = this.dropped.has(reason) || this.dropped.size < MAX_REASONS ? reason : "other";
    this.dropped.set(name, (this.dropped.get(name) ?? 0) + moved);
  }

  /** The items moved from memory to the spool. */
  spool(count: number): void {
    const moved = this.take(count, "pending");
    this.open.spooled += moved;
    this.everSpooled += moved;
  }

  /** How many items have been spooled and how many dropped since the start. */
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
