/** A timer with the members that the shared code uses on Node. No timer keeps a page alive, so `unref` does nothing. */
interface Timer {
  readonly id: number;
  unref(): Timer;
}

function timer(id: number): Timer {
  const made: Timer = { id, unref: () => made };
  return made;
}

// Looked up when this module loads, so that a page that replaces them later does not affect ours.
const {
  setTimeout: later,
  clearTimeout: never,
  setInterval: every,
} = globalThis as unknown as {
  readonly setTimeout: (work: () => void, ms?: number) => number;
  readonly clearTimeout: (id: number | undefined) => void;
  readonly setInterval: (work: () => void, ms?: number) => number;
};

export const setTimeout = (work: () => void, ms?: number): Timer =>
  timer(later.call(globalThis, work, ms));
export const setInterval = (work: () => void, ms?: number): Timer =>
  timer(every.call(globalThis, work, ms));
export const setImmediate = (work: () => void): Timer => setTimeout(work, 0);
/** Timeouts and intervals share their ids (HTML, "Timers"). */
export const clearTimeout = (given?: Timer): void => never.call(globalThis, given?.id);
export { clearTimeout as clearImmediate, clearTimeout as clearInterval };
