import { Breaker } from "./Breaker.js";
import type { CourierOptions } from "./CourierOptions.js";
import { createDelivery } from "./createDelivery.js";
import type { Delivery } from "./Delivery.js";
import { IdleGate } from "./IdleGate.js";
import { loadSending } from "./loadSending.js";
import type { Parcel } from "./Parcel.js";
import { Replay } from "./Replay.js";
import { reportOutage } from "./reportOutage.js";
import { splitIntoPosts } from "./splitIntoPosts.js";
import { Spool } from "./disk/Spool.js";
import { withinBudget } from "./withinBudget.js";

/** Requests under way at once, replay included; what comes beyond goes to the spool instead of waiting in memory. */
const MAX_POSTS_IN_FLIGHT = 8;
/** The default of `maxBytesPerPost`: what nginx, the strictest of the usual proxies, lets through unless told otherwise. */
const MAX_BYTES_PER_POST = 1024 * 1024;

/**
 * Brings the parcels of one pipe to the far end: by post while it answers, by way of the spool while it does not.
 *
 * The caller counts a parcel with `ledger.accept(parcel.count)` when its span ends or its event is captured, and
 * hands it over once: to `send` or to `spill`. From then on the courier moves the count. `writeAhead` may come
 * before either and counts nothing. Of the spool of dead processes, the courier takes care by itself.
 */
export class Courier {
  private readonly spool: Spool;
  private readonly breaker: Breaker;
  private readonly replay: Replay;
  private delivery: Delivery | undefined;
  /** Handed to `send`, in memory, fate open. */
  private readonly pending = new Map<string, Parcel>();
  /** Written ahead and left to the spool by `close`; their owner may still hand them over. */
  private readonly gone = new Set<string>();
  private readonly sends = new IdleGate();
  private state: "open" | "closing" | "closed" = "open";

  private readonly maxParcels: number;
  private readonly maxBytes: number;

  constructor(private readonly options: CourierOptions) {
    this.maxParcels = options.maxParcelsPerPost ?? 1;
    this.maxBytes = options.maxBytesPerPost ?? MAX_BYTES_PER_POST;
    const { ledger, pipe, url } = options;
    this.spool = new Spool(
      {
        onDrop: (reason, count) => ledger.drop(reason, count, "spooled"),
        onAdopt: (count) => ledger.adopt(count),
      },
      options.spool,
    );
    let reportRecovery: ((outageMs: number) => void) | undefined;
    this.breaker = new Breaker(
      {
        onOpen: (reason) => (reportRecovery = reportOutage(pipe, url, reason, ledger)),
        onProbe: () => void this.replay.probe(),
        onClose: (outageMs) => {
          reportRecovery?.(outageMs);
          this.replay.schedule(0);
        },
      },
      options.breaker,
    );
    this.replay = new Replay({
      spool: this.spool,
      breaker: this.breaker,
      maxParcels: this.maxParcels,
      maxBytes: this.maxBytes,
      delayMs: options.replayDelayMs,
      adoptEveryMs: options.adoptEveryMs,
      deliver: (parcels) => this.openDelivery().deliver(parcels, "spooled"),
    });
    this.replay.schedule();
  }

  /** Whether the far end is taken as gone: parcels then go straight to the spool. Costs a field read. */
  get isOpen(): boolean {
    return this.breaker.isOpen;
  }

  /** Whether nothing that was handed to `send` is under way. */
  get isIdle(): boolean {
    return this.sends.isIdle;
  }

  /** Whether a parcel of that id was handed over and its fate is open. */
  has(id: string): boolean {
    return this.pending.has(id) || this.spool.isWaiting(id);
  }

  /** What the first post would else have to load in one go, in pieces; see `prepareLater`. */
  preparations(): readonly (() => void)[] {
    const { url } = this.options;
    return [
      loadSending,
      () => void process.getBuiltinModule("node:net"),
      () => this.openDelivery().prepare(url),
    ];
  }

  /** Puts a parcel on disk before it returns. It stays pending: hand it to `send` or `spill` later, under the same id. */
  writeAhead(parcel: Parcel): void {
    this.spool.append(parcel, true);
  }

  /** Resolves, never rejects, when each parcel is delivered, spooled or dropped. */
  async send(parcels: readonly Parcel[]): Promise<void> {
    if (
      this.state === "closed" ||
      this.breaker.isOpen ||
      (this.delivery?.postsInFlight ?? 0) >= MAX_POSTS_IN_FLIGHT
    ) {
      this.spill(parcels);
      return;
    }
    // A client that retries hands over again what is here already.
    const fresh = parcels.filter(({ id }) => !this.pending.has(id) && !this.spool.isWaiting(id));
    for (const parcel of fresh) this.pending.set(parcel.id, parcel);
    this.sends.enter();
    try {
      await this.openDelivery().deliverEach(
        splitIntoPosts(fresh, this.maxParcels, this.maxBytes),
        "pending",
      );
    } catch {
      // What nobody thought of must not become an unhandled rejection of the host's process, nor lose anything.
      this.spill(fresh.filter(({ id }) => this.pending.has(id)));
    } finally {
      this.sends.leave();
    }
  }

  /** Puts parcels into the spool at once, without trying to send them first: a burst, the end of a process. */
  spill(parcels: readonly Parcel[]): void {
    const unwritten: Parcel[] = [];
    for (const parcel of parcels) {
      this.pending.delete(parcel.id);
      if (this.gone.delete(parcel.id) || this.spool.isWaiting(parcel.id)) continue;
      this.options.ledger.spool(parcel.count);
      if (this.spool.has(parcel.id)) this.spool.release(parcel.id);
      else unwritten.push(parcel);
    }
    this.spool.appendAll(unwritten);
    if (this.state === "closed") this.closeSpool();
    else if (!this.breaker.isOpen) this.replay.schedule();
  }

  /**
   * Sends what is under way and what is spooled, that of dead processes too, until all is settled or the far end
   * does not answer, in at most `deadlineMs`. Never rejects; holds the process while it waits.
   */
  async flush(deadlineMs: number): Promise<void> {
    await withinBudget(this.settleAll(), deadlineMs);
  }

  /** Waits for what is under way, at most `deadlineMs`, and leaves the spool alone: the natural end of a process. Never rejects. */
  async drain(deadlineMs: number): Promise<void> {
    await withinBudget(this.sends.whenIdle(), deadlineMs);
  }

  /** Ends what would hold the process after its natural end. */
  letGo(): void {
    this.delivery?.letGo();
  }

  /** Puts what is under way on disk too, in case the process dies next; it is not given up. Synchronous. */
  secure(): void {
    this.secureEach(this.pending.values());
  }

  /**
   * Stops: waits for what is under way, at most `deadlineMs`, then ends it and leaves it to the spool. Afterwards
   * nothing is pending here, and what is handed over later goes to the spool. Never rejects.
   */
  async close(deadlineMs: number): Promise<void> {
    if (this.state === "open") {
      this.state = "closing";
      await withinBudget(Promise.all([this.sends.whenIdle(), this.replay.stop()]), deadlineMs);
    }
    this.closeNow();
  }

  /** What `close` does when its time is over; synchronous, for the exit of a process. */
  closeNow(): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.replay.halt();
    this.breaker.dispose();
    const held = this.spool.releaseAll();
    this.options.ledger.spool(held.count);
    for (const id of held.ids) if (!this.pending.delete(id)) this.gone.add(id);
    this.spill([...this.pending.values()]);
    this.delivery?.close();
    this.sends.wake();
  }

  /** With the first post, since a process starts without one. */
  private openDelivery(): Delivery {
    return (this.delivery ??= createDelivery({
      options: this.options,
      spool: this.spool,
      breaker: this.breaker,
      pending: this.pending,
      closed: this.state === "closed",
      spill: (parcels) => this.spill(parcels),
      secure: (parcels) => this.secureEach(parcels),
    }));
  }

  private secureEach(parcels: Iterable<Parcel>): void {
    for (const parcel of parcels) {
      if (this.pending.has(parcel.id) && !this.spool.has(parcel.id))
        this.spool.append(parcel, true);
    }
  }

  private async settleAll(): Promise<void> {
    await this.sends.whenIdle();
    await this.replay.run(false);
    await this.sends.whenIdle();
  }

  private closeSpool(): void {
    this.options.ledger.drop("spool_unavailable", this.spool.close(), "spooled");
  }
}
