import { availableParallelism, loadavg } from "node:os";

/** How much longer timed work may take on a machine that has more to do than it has processors. */
const BUSY_FACTOR = 5;

/** Whether others keep this machine so busy that a time says more about them than about what is timed. */
export function isBusy(): boolean {
  const [load = 0] = loadavg();
  return load > availableParallelism() * 1.25;
}

/** A bound in ms: unchanged, or on a busy machine one that only catches what is far beyond it. */
export function boundNow(ms: number): number {
  return isBusy() ? ms * BUSY_FACTOR : ms;
}
