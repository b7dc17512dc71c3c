import { availableParallelism, loadavg } from "node:os";

/** How much longer what is timed may take on a machine that has more to do than it has processors. */
const BUSY_FACTOR = 5;

/** Whether others keep this machine so busy that a time says more of them than of what is timed. */
export function isBusy(): boolean {
  const [load = 0] = loadavg();
  return load > availableParallelism() * 1.25;
}

/** A bound in ms: as it is, or on a busy machine only against what is far beyond it. */
export function boundNow(ms: number): number {
  return isBusy() ? ms * BUSY_FACTOR : ms;
}
