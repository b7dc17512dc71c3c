import { monotonicMs } from "../shared/timers.js";
/** Window of the cap on errors, in milliseconds; the variable `Cap` is per ten seconds. */
export const ERROR_WINDOW_MS = 10_000;
/** Window of the rate per event name, in milliseconds; the variable `Throttle` is per second. */
const NAME_WINDOW_MS = 1_000;
/** Names and fingerprints that are counted separately; further ones share one allowance. */
const MAX_KEYS = 1_000;
const OVERFLOW_KEY = "\u0000";

/** What was held back since the last report, as the properties of `land:<tier>:throttle-dropped`. */
export interface ThrottleReport {
  /** Events held back, errors included. */
  readonly dropped: number;
  /** Errors held back by the rate of their own fingerprint. */
  readonly dropped_exceptions: number;
  /** Errors held back by the cap on all errors together. */
  readonly dropped_exceptions_global: number;
  readonly exception_global_limit: number;
  /** Milliseconds since the first of these events was held back. */
  readonly window_ms: number;
}

/**
 * Keeps an error storm from becoming an event storm: limits the rate of each event name (for errors, of each
 * fingerprint) and caps all errors together. Windows are fixed and begin with the first event in them.
 */
export class EventThrottle {
  readonly #errorCap: number;
  /** The allowance of one name, and of all errors together. */
  readonly #names: Allowance;
  readonly #allErrors: Allowance;
  readonly #now: () => number;
  readonly #counts = new Map<string, number>();
  #nameWindow = Number.NEGATIVE_INFINITY;
  #errorWindow = Number.NEGATIVE_INFINITY;
  #errors = 0;
  #reportStart = 0;
  #dropped = 0;
  #droppedErrors = 0;
  #droppedGlobal = 0;

  constructor(
    options: { readonly perSecond: number; readonly errorCap: number },
    now: () => number = monotonicMs,
  ) {
    this.#errorCap = options.errorCap;
    this.#names = allowance(options.perSecond, NAME_WINDOW_MS);
    this.#allErrors = allowance(options.errorCap, ERROR_WINDOW_MS);
    this.#now = now;
  }

  /** Whether an event may pass. `fingerprint` is given for errors only. */
  admit(event: string, fingerprint: string | undefined): boolean {
    const now = this.#now();
    if (now - this.#nameWindow >= this.#names.windowMs) {
      this.#nameWindow = now;
      this.#counts.clear();
    }
    const wanted = fingerprint === undefined ? event : `${event}\n${fingerprint}`;
    const key = this.#counts.size < MAX_KEYS || this.#counts.has(wanted) ? wanted : OVERFLOW_KEY;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    if (count > this.#names.limit)
      return this.#hold(now, fingerprint === undefined ? "event" : "fingerprint");
    return fingerprint === undefined || this.#admitError(now);
  }

  /** What was held back since the last call, or undefined when nothing was. */
  takeReport(): ThrottleReport | undefined {
    if (this.#dropped === 0) return undefined;
    const report: ThrottleReport = {
      dropped: this.#dropped,
      dropped_exceptions: this.#droppedErrors,
      dropped_exceptions_global: this.#droppedGlobal,
      exception_global_limit: this.#errorCap,
      window_ms: Math.round(this.#now() - this.#reportStart),
    };
    this.#dropped = this.#droppedErrors = this.#droppedGlobal = 0;
    return report;
  }

  #admitError(now: number): boolean {
    if (now - this.#errorWindow >= this.#allErrors.windowMs) {
      this.#errorWindow = now;
      this.#errors = 0;
    }
    this.#errors += 1;
    return this.#errors <= this.#allErrors.limit || this.#hold(now, "global");
  }

  #hold(now: number, reason: "event" | "fingerprint" | "global"): false {
    if (this.#dropped === 0) this.#reportStart = now;
    this.#dropped += 1;
    if (reason === "fingerprint") this.#droppedErrors += 1;
    if (reason === "global") this.#droppedGlobal += 1;
    return false;
  }
}

/** The number of events that are allowed per window. */
interface Allowance {
  readonly limit: number;
  readonly windowMs: number;
}

/** Turns a fractional rate into whole events by stretching the window: 0.5 becomes one event in twice the time. */
function allowance(rate: number, windowMs: number): Allowance {
  const limit = Math.max(1, Math.floor(rate));
  return { limit, windowMs: (windowMs * limit) / rate };
}
