/** Failures in a row after which the far end is taken as gone. */
export const FAILURES_TO_OPEN = 3;
/** The first pause before a probe, in ms. */
export const FIRST_PAUSE_MS = 1_000;
/** Pauses double up to this, in ms: an outage that ends is noticed within half a minute. */
export const MAX_PAUSE_MS = 30_000;
/** A `Retry-After` beyond this is cut to it, in ms, so that no reply can silence a pipe for a day. */
export const MAX_RETRY_AFTER_MS = 5 * 60_000;

/** All optional. */
export interface BreakerOptions {
  /** Failures in a row that open it. Default {@link FAILURES_TO_OPEN}. */
  readonly failuresToOpen?: number;
  /** Default {@link FIRST_PAUSE_MS}. */
  readonly firstPauseMs?: number;
  /** Default {@link MAX_PAUSE_MS}. */
  readonly maxPauseMs?: number;
  /** Default {@link MAX_RETRY_AFTER_MS}. */
  readonly maxRetryAfterMs?: number;
}

/** What a breaker tells its owner. */
export interface BreakerListener {
  /** An outage began; once per outage. */
  onOpen(reason: string): void;
  /** Time for one attempt, to be answered by `succeed` or `fail`. */
  onProbe(): void;
  /** The outage is over; once per outage. */
  onClose(outageMs: number): void;
}

/**
 * Keeps a pipe from asking a far end that does not answer. Open, it costs its owner one field read; a timer
 * that does not hold the process asks for a probe now and then, with growing, jittered pauses.
 */
export class Breaker {
  private open = false;
  private outage = false;
  private probing = false;
  private failures = 0;
  private openedAt = 0;
  private pauseMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly settings: Required<BreakerOptions>;

  constructor(
    private readonly listener: BreakerListener,
    options: BreakerOptions = {},
  ) {
    this.settings = {
      failuresToOpen: options.failuresToOpen ?? FAILURES_TO_OPEN,
      firstPauseMs: options.firstPauseMs ?? FIRST_PAUSE_MS,
      maxPauseMs: options.maxPauseMs ?? MAX_PAUSE_MS,
      maxRetryAfterMs: options.maxRetryAfterMs ?? MAX_RETRY_AFTER_MS,
    };
  }

  /** Whether the far end is taken as gone. */
  get isOpen(): boolean {
    return this.open;
  }

  /** Whether a probe was asked for and has not been answered. */
  get awaitsProbe(): boolean {
    return this.probing;
  }

  /** The far end answered. */
  succeed(): void {
    this.failures = 0;
    if (!this.outage) return;
    this.letThrough();
    this.outage = false;
    // Not the wall clock, which may be set back during an outage.
    this.listener.onClose(performance.now() - this.openedAt);
  }

  /** There is nothing to probe with: the next thing that comes along is the probe. The outage goes on. */
  letThrough(): void {
    clearTimeout(this.timer);
    this.open = false;
    this.probing = false;
  }

  /**
   * The far end did not answer, or asked to be left alone. With `retryAfterMs` the breaker opens at once and
   * waits at least so long (up to its bound).
   */
  fail(reason: string, retryAfterMs?: number): void {
    this.failures++;
    const asked = Math.min(retryAfterMs ?? 0, this.settings.maxRetryAfterMs);
    const isNew = !this.outage;
    if (this.outage) {
      // Late failures of what was under way when it opened say nothing new.
      if (this.open && !this.probing) return;
      this.pauseMs = Math.min(this.pauseMs * 2, this.settings.maxPauseMs);
    } else {
      if (retryAfterMs === undefined && this.failures < this.settings.failuresToOpen) return;
      this.outage = true;
      this.openedAt = performance.now();
      this.pauseMs = this.settings.firstPauseMs;
    }
    this.open = true;
    this.probing = false;
    this.schedule(asked);
    if (isNew) this.listener.onOpen(reason);
  }

  /** Stops probing for good. */
  dispose(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private schedule(atLeastMs: number): void {
    clearTimeout(this.timer);
    // Jitter over the upper half, so that the tiers of one machine do not come back in step.
    const pause = Math.max(this.pauseMs * (0.5 + Math.random() / 2), atLeastMs);
    this.timer = setTimeout(() => {
      this.probing = true;
      this.listener.onProbe();
    }, pause);
    this.timer.unref();
  }
}
