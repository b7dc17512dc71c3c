import { performance } from "node:perf_hooks";
import * as timers from "node:timers";

/**
 * Node's timers as they are when this package is loaded. Fake timers of a host's tests replace the global ones, those of
 * `node:timers` and `performance.now`; a budget that waited for them would last until the test moves its clock.
 * The dates of spans and events are what the host says they are.
 */
export const {
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  setImmediate,
  clearImmediate,
} = timers;

/** Milliseconds since 1970, also when `Date` is a fake, or was taken away with the rest of a test's environment. */
export const wallMs: () => number = Date.now.bind(Date);

/** Milliseconds on the clock that is never set, and stands still while the machine sleeps. For budgets and ages. */
export const monotonicMs: () => number = performance.now.bind(performance);
