import type { CircuitBreaker } from "./CircuitBreaker.js";
import type { DeliveryRecord } from "./DeliveryRecord.js";
import type { DiskQueue } from "./disk/DiskQueue.js";

/** The start of the process, or a burst, goes first. */
const REPLAY_DELAY_MS = 1_000;
const ADOPT_EVERY_MS = 10 * 60_000;

/** What a replay works with. */
export interface ReplayContext {
  readonly disk: DiskQueue;
  readonly breaker: CircuitBreaker;
  /** Bounds of one request. */
  readonly maxRecords: number;
  readonly maxBytes: number;
  readonly delayMs: number | undefined;
  readonly adoptEveryMs: number | undefined;
  /** Sends records that are on disk; false when the endpoint has not dealt with them. */
  deliver(records: readonly DeliveryRecord[]): Promise<boolean>;
}

/**
 * Sends what is on disk, oldest first, one request at a time. Before that it adopts what dead processes left: at the
 * start, and now and then for those that die later.
 */
export class Replay {
  private adoption: Promise<void> | undefined;
  private interval: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly context: ReplayContext) {}

  /** Starts after a while, unless it will anyway. Does not hold the process. */
  schedule(delayMs = this.context.delayMs ?? REPLAY_DELAY_MS): void {
    if (this.stopped || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      // Cleared first, so that a run which is already under way need not be the last.
      this.timer = undefined;
      void this.run();
    }, delayMs).unref();
  }

  /** Sends until nothing is left on disk or the endpoint does not answer; a probe also tries while the breaker is open. */
  run(probing = false): Promise<void> {
    if (this.stopped) return this.running ?? Promise.resolve();
    return (this.running ??= this.sendQuietly(probing).finally(() => (this.running = undefined)));
  }

  /** Answers the breaker's question whether the endpoint is back. */
  async probe(): Promise<void> {
    // A run that was under way when the breaker opened may answer it, or not.
    while (this.running !== undefined) await this.running;
    if (this.context.breaker.awaitsProbe) await this.run(true);
  }

  /** Starts nothing more. Resolves when the request in flight has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    clearInterval(this.interval);
    await this.running;
  }

  /** An error nobody thought of must neither become an unhandled rejection of the host nor leave a probe unanswered. */
  private async sendQuietly(probing: boolean): Promise<void> {
    try {
      await this.sendAll(probing);
    } catch {
      this.adoption = undefined;
      if (this.context.breaker.awaitsProbe) this.context.breaker.fail("replay");
    }
  }

  private async sendAll(probing: boolean): Promise<void> {
    const { disk, breaker, maxRecords, maxBytes } = this.context;
    clearTimeout(this.timer);
    this.timer = undefined;
    await (this.adoption ??= this.adopt());
    while (!this.stopped && (probing || !breaker.isOpen)) {
      const records = disk.take(maxRecords, maxBytes);
      if (records.length === 0) {
        if (probing) breaker.halfOpen();
        return;
      }
      if (!(await this.context.deliver(records))) {
        if (!breaker.isOpen) this.schedule();
        return;
      }
    }
  }

  private adopt(): Promise<void> {
    this.interval ??= setInterval(() => {
      this.adoption = undefined;
      void this.run();
    }, this.context.adoptEveryMs ?? ADOPT_EVERY_MS).unref();
    return this.context.disk.adopt();
  }
}
