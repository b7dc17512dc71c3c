import { clearTimeout, monotonicMs, setTimeout } from "../shared/timers.js";
/** A `Retry-After` is capped at this, in ms, so that no reply can silence a pipe for a day. */
const MAX_RETRY_AFTER_MS = 5 * 60_000;
/** Consecutive failures that open the breaker. */
const FAILURES_TO_OPEN = 3;
/** Pauses between probes double up to the maximum, so that the end of an outage is noticed within half a minute. */
const DEFAULTS = { firstPauseMs: 1_000, maxPauseMs: 30_000 };

export type CircuitBreakerOptions = Readonly<Partial<typeof DEFAULTS>>;

/** The callbacks of a circuit breaker to its owner. */
interface CircuitBreakerListener {
  /** An outage began. Called once per outage. */
  onOpen(reason: string): void;
  /** It is time for one attempt, which must end in a call of `succeed`, `fail` or `halfOpen`. */
  onProbe(): void;
  /** The outage is over. Called once per outage. */
  onClose(outageMs: number): void;
}

/**
 * Keeps a pipe from calling an endpoint that does not answer. While it is open, a timer that does not keep the
 * process alive asks for probes, with growing, jittered pauses in between.
 */
export class CircuitBreaker {
  private state: "closed" | "open" | "probing" | "half-open" = "closed";
  private failures = 0;
  private openedAt = 0;
  private pauseMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly options: typeof DEFAULTS;

  constructor(
    private readonly listener: CircuitBreakerListener,
    options: CircuitBreakerOptions = {},
  ) {
    this.options = { ...DEFAULTS, ...options };
  }

  /** Whether only a probe may be sent. */
  get isOpen(): boolean {
    return this.state === "open" || this.state === "probing";
  }

  /** Whether a probe was asked for and has had no result yet. */
  get awaitsProbe(): boolean {
    return this.state === "probing";
  }

  /** The endpoint answered. */
  succeed(): void {
    this.failures = 0;
    if (this.state === "closed") return;
    clearTimeout(this.timer);
    this.state = "closed";
    // The monotonic clock, because the wall clock may be set back during an outage.
    this.listener.onClose(monotonicMs() - this.openedAt);
  }

  /** There is nothing left to probe with, so the next request serves as the probe. The outage continues. */
  halfOpen(): void {
    if (this.awaitsProbe) this.state = "half-open";
  }

  /**
   * The endpoint did not answer, or asked for a pause. With `retryAfterMs` the breaker opens after this one failure
   * and waits at least that long, up to 5 minutes.
   */
  fail(reason: string, retryAfterMs?: number): void {
    this.failures++;
    // Requests that were in flight when the breaker opened fail late and tell us nothing new.
    if (this.state === "open") return;
    const isNew = this.state === "closed";
    if (isNew && retryAfterMs === undefined && this.failures < FAILURES_TO_OPEN) return;
    if (isNew) this.openedAt = monotonicMs();
    const { firstPauseMs, maxPauseMs } = this.options;
    this.pauseMs = isNew ? firstPauseMs : Math.min(this.pauseMs * 2, maxPauseMs);
    this.state = "open";
    // Jitter over the upper half of the pause keeps the tiers on one machine from retrying in step.
    const pause = this.pauseMs * (0.5 + Math.random() / 2);
    const asked = Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
    const probe = (): void => {
      this.state = "probing";
      this.listener.onProbe();
    };
    this.timer = setTimeout(probe, Math.max(pause, asked)).unref();
    if (isNew) this.listener.onOpen(reason);
  }

  /** Stops probing for good. */
  dispose(): void {
    clearTimeout(this.timer);
  }
}
