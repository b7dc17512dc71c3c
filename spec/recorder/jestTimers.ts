/*
 * Replaces lib/shared/timers.ts, which keeps Node's own timers because a host may replace them. These functions call
 * Jest's timers, which are installed after this module is loaded.
 */
export const setTimeout = (work: () => void, ms: number): unknown =>
  globalThis.setTimeout(work, ms);
export const setInterval = (work: () => void, ms: number): unknown =>
  globalThis.setInterval(work, ms);
export const setImmediate = (work: () => void): unknown => globalThis.setImmediate(work);
export const clearTimeout = (timer: NodeJS.Timeout): void => globalThis.clearTimeout(timer);
export const clearInterval = (timer: NodeJS.Timeout): void => globalThis.clearInterval(timer);
export const monotonicMs = (): number => performance.now();
export const wallMs = (): number => Date.now();
