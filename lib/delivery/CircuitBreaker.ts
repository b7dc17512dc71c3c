import { clearTimeout, monotonicMs, setTimeout } from "../shared/timers.js";
/** A `Retry-After` is cut to this, in ms, so that no reply can silence a pipe for a day. */
const MAX_RETRY_AFTER_MS = 5 * 60_000;
/** Failures in a row that open it. */
const FAILURES_TO_OPEN = 3;
/** Pauses before probes double from the first to the longest, which notices the end of an outage within half a minute. */
const DEFAULTS = { firstPauseMs: 1_000, maxPauseMs: 30_000 };

export type CircuitBreakerOptions = Readonly<Partial<typeof DEFAULTS>>;

/** What a circuit breaker tells its owner. */
interface CircuitBreakerListener {
  /** An outage began; once per outage. */
  onOpen(reason: string): void;
  /** It is time for one attempt, which `succeed`, `fail` or `halfOpen` has to answer. */
  onProbe(): void;
  /** The outage is over; once per outage. */
  onClose(outageMs: number): void;
}

/**
 * Keeps a pipe from calling an endpoint that does not answer. While it is open, a timer that does not hold the
 * process asks for a probe now and then, with growing, jittered pauses.
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

  /** Whether nothing but a probe should be sent. */
  get isOpen(): boolean {
    return this.state === "open" || this.state === "probing";
  }

  /** Whether a probe was asked for and has not been answered. */
  get awaitsProbe(): boolean {
    return this.state === "probing";
  }

  /** The endpoint answered. */
  succeed(): void {
    this.failures = 0;
    if (this.state === "closed") return;
    clearTimeout(this.timer);
    this.state = "closed";
    // The wall clock may be set back during an outage.
    this.listener.onClose(monotonicMs() - this.openedAt);
  }

  /** There is nothing left to probe with, so the next request is the probe. The outage goes on. */
  halfOpen(): void {
    if (this.awaitsProbe) this.state = "half-open";
  }

  /**
   * The endpoint did not answer, or asked to be left alone. With `retryAfterMs` the breaker opens at once and
   * waits at least so long, up to 5 minutes.
   */
  fail(reason: string, retryAfterMs?: number): void {
    this.failures++;
    // Requests that were in flight when it opened fail late and say nothing new.
    if (this.state === "open") return;
    const isNew = this.state === "closed";
    if (isNew && retryAfterMs === undefined && this.failures < FAILURES_TO_OPEN) return;
    if (isNew) this.openedAt = monotonicMs();
    const { firstPauseMs, maxPauseMs } = this.options;
    this.pauseMs = isNew ? firstPauseMs : Math.min(this.pauseMs * 2, maxPauseMs);
    this.state = "open";
    // Jitter over the upper half keeps the tiers of one machine from coming back in step.
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
