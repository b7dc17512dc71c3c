import { monotonicMs } from "../../shared/timers.js";

/** A disk that failed is tried again after this, in ms; each further failure doubles the wait. */
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;

/** Decides when to try a failed disk again. */
export class DiskRetry {
  private failedAt = -Infinity;
  private waitMs = FIRST_RETRY_MS;

  get isDue(): boolean {
    return monotonicMs() - this.failedAt >= this.waitMs;
  }

  fail(): void {
    const isNew = this.failedAt === -Infinity;
    this.waitMs = isNew ? FIRST_RETRY_MS : Math.min(2 * this.waitMs, MAX_RETRY_MS);
    this.failedAt = monotonicMs();
  }

  /** The disk works or gets another chance: ends the wait. */
  reset(): void {
    this.failedAt = -Infinity;
  }
}
