import type { Breaker } from "./Breaker.js";
import type { Parcel } from "./Parcel.js";
import type { Spool } from "./disk/Spool.js";

/** The start of the process, or the burst, goes first. */
const REPLAY_DELAY_MS = 1_000;
/** How often it is looked whether a process has died that spooled for the same far end, in ms. */
const ADOPT_EVERY_MS = 10 * 60_000;

/** What a replay works with. */
export interface ReplayContext {
  readonly spool: Spool;
  readonly breaker: Breaker;
  readonly maxParcels: number;
  readonly maxBytes: number;
  /** In ms. Default {@link REPLAY_DELAY_MS}. */
  readonly delayMs: number | undefined;
  /** In ms. Default {@link ADOPT_EVERY_MS}. */
  readonly adoptEveryMs: number | undefined;
  /** Brings spooled parcels to the far end; false when it did not take them. Rejects only for a fault of our own. */
  deliver(parcels: readonly Parcel[]): Promise<boolean>;
}

/**
 * Sends what is in the spool, oldest first, one post at a time, and adopts the spool of dead processes first: when
 * this one starts, and every now and then for those that die while it lives.
 */
export class Replay {
  private adoption: Promise<void> | undefined;
  private again: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly context: ReplayContext) {}

  /** Starts after a while, unless it will anyway. Does not hold the process. */
  schedule(delayMs = this.context.delayMs ?? REPLAY_DELAY_MS): void {
    if (this.stopped || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      // Also when a run is under way, which then need not be the last.
      this.timer = undefined;
      void this.run(false);
    }, delayMs).unref();
  }

  /** Sends until the spool is empty or the far end does not answer; `probing` also tries while the breaker is open. */
  run(probing: boolean): Promise<void> {
    if (this.stopped) return this.running ?? Promise.resolve();
    return (this.running ??= this.sendQuietly(probing).finally(() => (this.running = undefined)));
  }

  /** Answers the breaker's question whether the far end is back. */
  async probe(): Promise<void> {
    // A run that was under way when the breaker opened may answer it, or not; neither does one that began meanwhile.
    while (this.running !== undefined) await this.running;
    if (this.context.breaker.awaitsProbe) await this.run(true);
  }

  /** Starts nothing more; resolves when the post under way is through. */
  async stop(): Promise<void> {
    this.halt();
    await this.running;
  }

  /** The same for a process that has no time to wait, and makes no promise of it: the first one costs a part of a millisecond. */
  halt(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    clearInterval(this.again);
  }

  /** What nobody thought of must not become an unhandled rejection of the host's process, nor leave a probe open. */
  private async sendQuietly(probing: boolean): Promise<void> {
    try {
      await this.sendAll(probing);
    } catch {
      this.adoption = undefined;
      if (this.context.breaker.awaitsProbe) this.context.breaker.fail("replay");
    }
  }

  private async sendAll(probing: boolean): Promise<void> {
    const { spool, breaker, maxParcels, maxBytes } = this.context;
    clearTimeout(this.timer);
    this.timer = undefined;
    await (this.adoption ??= this.adopt());
    while (!this.stopped && (probing || !breaker.isOpen)) {
      const parcels = spool.take(maxParcels, maxBytes);
      if (parcels.length === 0) {
        if (probing) breaker.letThrough();
        return;
      }
      if (!(await this.context.deliver(parcels))) {
        if (!breaker.isOpen) this.schedule();
        return;
      }
    }
  }

  private adopt(): Promise<void> {
    this.again ??= setInterval(() => {
      this.adoption = undefined;
      void this.run(false);
    }, this.context.adoptEveryMs ?? ADOPT_EVERY_MS).unref();
    return this.context.spool.adopt();
  }
}
