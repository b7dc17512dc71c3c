import { Agents } from "./Agents.js";
import type { Breaker } from "./Breaker.js";
import type { Outcome } from "./classify.js";
import type { CourierOptions } from "./CourierOptions.js";
import type { OpenState } from "./Ledger.js";
import type { Parcel } from "./Parcel.js";
import { countOf } from "./Parcel.js";
import { postParcels } from "./postParcels.js";
import type { Spool } from "./disk/Spool.js";
import { splitParcel } from "./splitParcel.js";

/** What is under way for longer than this goes on disk too, in ms: far ends that work have answered by then. */
const SECURE_AFTER_MS = 250;

/** What a delivery works with; the courier's own. */
export interface DeliveryContext {
  readonly options: CourierOptions;
  readonly spool: Spool;
  readonly breaker: Breaker;
  /** Handed over, in memory, fate open. */
  readonly pending: Map<string, Parcel>;
  /** Whether the courier is closed already. */
  readonly closed: boolean;
  /** Puts parcels into the spool. */
  spill(parcels: readonly Parcel[]): void;
  /** Puts those of the parcels on disk too that are still pending. */
  secure(parcels: Iterable<Parcel>): void;
}

/** Posts parcels and books what became of each: delivered, dropped, or left to the spool. */
export class Delivery {
  private readonly agents = new Agents();
  private readonly abort = new AbortController();
  private underWay = 0;
  private closed: boolean;

  constructor(private readonly context: DeliveryContext) {
    this.closed = context.closed;
  }

  /** Requests under way at this moment. */
  get postsInFlight(): number {
    return this.underWay;
  }

  /** Makes what the first post to this URL would else have to make. */
  prepare(url: string): void {
    this.agents.prepare(url);
  }

  /** Whether the far end has dealt with the parcels, one way or the other; else they are in the spool. Rejects only for a fault of our own. */
  async deliver(parcels: readonly Parcel[], from: OpenState): Promise<boolean> {
    const { breaker } = this.context;
    if (this.closed) return false;
    if (from === "pending" && breaker.isOpen) {
      this.context.spill(parcels);
      return false;
    }
    const outcome = await this.post(parcels);
    // Then all of them were left to the spool meanwhile.
    if (this.isClosed()) return false;
    if (outcome.kind === "retry") {
      breaker.fail(outcome.reason, outcome.retryAfterMs);
      if (from === "pending") this.context.spill(parcels);
      return false;
    }
    // An answer that refuses what was sent is still an answer.
    breaker.succeed();
    if (outcome.kind === "final") return this.giveUp(parcels, from, outcome);
    this.settle(parcels, from, outcome.rejected, "rejected");
    return true;
  }

  /** The same for one group after the other; what is in the spool waits there after a failure. */
  async deliverEach(groups: readonly (readonly Parcel[])[], from: OpenState): Promise<boolean> {
    let all = true;
    for (const group of groups) {
      // What is in memory has to be put somewhere.
      if (all || from === "pending") all = (await this.deliver(group, from)) && all;
    }
    return all;
  }

  /** Ends what would hold the process after its natural end. */
  letGo(): void {
    this.agents.letGo();
  }

  /** Ends what is under way; nothing is booked any more. */
  close(): void {
    this.closed = true;
    // With a reason of its own, and only where there is something to end: both cost a part of a millisecond of the end.
    if (this.underWay > 0) this.abort.abort("closed");
    this.agents.destroy();
  }

  private async post(parcels: readonly Parcel[]): Promise<Outcome> {
    this.underWay++;
    const slow = setTimeout(() => this.context.secure(parcels), SECURE_AFTER_MS).unref();
    try {
      return await postParcels(parcels, this.context.options, this.agents, this.abort.signal);
    } finally {
      clearTimeout(slow);
      this.underWay--;
    }
  }

  /** Refused for good: narrows it down to the parcels that are at fault, so that the others get through. */
  private async giveUp(
    parcels: readonly Parcel[],
    from: OpenState,
    outcome: Extract<Outcome, { kind: "final" }>,
  ): Promise<boolean> {
    const [first] = parcels;
    const parts =
      first !== undefined && outcome.reason === "http_413" && parcels.length === 1
        ? this.split(first, from)
        : undefined;
    if (parts !== undefined)
      return this.deliverEach(
        parts.map((part) => [part]),
        from,
      );
    if (parcels.length > 1 && outcome.divisible) {
      const middle = parcels.length >> 1;
      return this.deliverEach([parcels.slice(0, middle), parcels.slice(middle)], from);
    }
    this.settle(parcels, from, Infinity, outcome.reason);
    return true;
  }

  private split(parcel: Parcel, from: OpenState): readonly Parcel[] | undefined {
    const { options, spool, pending } = this.context;
    const parts = splitParcel(parcel, options);
    if (parts === undefined) return undefined;
    for (const part of parts) {
      if (from === "spooled") spool.append(part, false);
      else pending.set(part.id, part);
    }
    pending.delete(parcel.id);
    spool.settle([parcel.id]);
    return parts;
  }

  private settle(
    parcels: readonly Parcel[],
    from: OpenState,
    rejected: number,
    reason: string,
  ): void {
    const { options, spool, pending } = this.context;
    // What the spool had to drop for want of room while it was on its way is in the books already.
    const open = from === "pending" ? parcels : parcels.filter(({ id }) => spool.has(id));
    const total = countOf(open);
    const dropped = Math.min(rejected, total);
    for (const { id } of parcels) pending.delete(id);
    options.ledger.delivered(total - dropped, from);
    options.ledger.drop(reason, dropped, from);
    spool.settle(parcels.map(({ id }) => id));
  }

  private isClosed(): boolean {
    return this.closed;
  }
}
