import type { CircuitBreaker } from "./CircuitBreaker.js";
import type { DeliveryRecord } from "./DeliveryRecord.js";
import type { DiskQueue } from "./disk/DiskQueue.js";
import { clearInterval, clearTimeout, setInterval, setTimeout } from "../shared/timers.js";
import { watchWorkers } from "./disk/segmentOwner.js";

export const REPLAY_DEFAULTS = {
  maxRecordsPerRequest: 1,
  /** The default limit of nginx, the strictest of the usual proxies. A larger record is sent alone. */
  maxBytesPerRequest: 1024 * 1024,
  /** How long after the start, or after a burst was written to disk, to wait before sending what is on disk. */
  replayDelayMs: 1_000,
  /** How often to look for what was left by processes that have died since the start. */
  adoptEveryMs: 10 * 60_000,
};

/** The limits of a request and the times of replay. */
export type ReplayOptions = Readonly<typeof REPLAY_DEFAULTS>;

/**
 * Sends what is on disk, oldest first, one request at a time. Before that it adopts what dead processes left: at the
 * start, when a worker thread ends, and at intervals for processes that die later.
 */
export class Replay {
  /** Resolves to whether there is more to adopt. */
  private adoption: Promise<boolean> | undefined;
  private interval: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private readonly unwatchWorkers = watchWorkers((thread) => {
    this.disk.endThread(thread);
    this.adoption = undefined;
    this.schedule();
  });

  /** @param deliver Sends records that are on disk; resolves to false when they could not be settled. */
  constructor(
    private readonly disk: DiskQueue,
    private readonly breaker: CircuitBreaker,
    private readonly options: ReplayOptions,
    private readonly deliver: (records: readonly DeliveryRecord[]) => Promise<boolean>,
  ) {}

  /** Schedules a run after the delay, unless one is scheduled already. Does not keep the process alive. */
  schedule(delayMs = this.options.replayDelayMs): void {
    if (this.stopped || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      // Cleared first, so that another run can be scheduled while one is in progress.
      this.timer = undefined;
      void this.run();
    }, delayMs).unref();
  }

  /** Sends until nothing is left on disk or the endpoint does not answer. A probe also tries with the breaker open. */
  run(probing = false): Promise<void> {
    if (this.stopped) return this.running ?? Promise.resolve();
    return (this.running ??= this.sendAll(probing)
      // An unforeseen error must neither become an unhandled rejection in the host nor leave a probe unanswered.
      .catch(() => {
        this.adoption = undefined;
        if (this.breaker.awaitsProbe) this.breaker.fail("replay");
      })
      .finally(() => (this.running = undefined)));
  }

  /** Runs the probe that the breaker asked for, to find out whether the endpoint is back. */
  async probe(): Promise<void> {
    // A run that was in progress when the breaker opened may or may not answer the probe.
    while (this.running !== undefined) await this.running;
    if (this.breaker.awaitsProbe) await this.run(true);
  }

  /** Starts no further runs. Resolves when the request in flight has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.unwatchWorkers();
    clearTimeout(this.timer);
    clearInterval(this.interval);
    await this.running;
  }

  private async sendAll(probing: boolean): Promise<void> {
    const { disk, breaker, options } = this;
    clearTimeout(this.timer);
    this.timer = undefined;
    while (!this.stopped && (probing || !breaker.isOpen)) {
      const isMore = await (this.adoption ??= this.adopt());
      const records = disk.take(options.maxRecordsPerRequest, options.maxBytesPerRequest);
      if (records.length === 0 && isMore) this.adoption = undefined;
      else if (records.length === 0) {
        if (probing) breaker.halfOpen();
        return;
      } else if (!(await this.deliver(records))) {
        if (!breaker.isOpen) this.schedule();
        return;
      }
    }
  }

  private adopt(): Promise<boolean> {
    this.interval ??= setInterval(() => {
      this.adoption = undefined;
      void this.run();
    }, this.options.adoptEveryMs).unref();
    return this.disk.adopt(() => this.stopped);
  }
}
