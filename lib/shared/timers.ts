import { performance } from "node:perf_hooks";
import * as timers from "node:timers";

/**
 * Node's timers as they were when this package was loaded. Fake timers in a host's tests replace the global timers,
 * those of `node:timers` and `performance.now`; a budget that used them would last until the test advances its clock.
 * Spans and events, in contrast, are dated by the host's clock, fake or not.
 */
export const {
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  setImmediate,
  clearImmediate,
} = timers;

/** Milliseconds since 1970, even if `Date` is fake, or was removed with the rest of a test's environment. */
export const wallMs: () => number = Date.now.bind(Date);

/** Milliseconds on a clock that is never set and stands still while the machine sleeps. For budgets and ages. */
export const monotonicMs: () => number = performance.now.bind(performance);
