/**
 * The id of this thread; 0 is the main thread. Node marks functions that a worker cannot call as disabled, which tells
 * the two apart without loading node:worker_threads: that would cost the main thread a millisecond at start.
 */
export function currentThread(): number {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- only read, never called
  const { disabled } = process.chdir as { disabled?: boolean };
  return disabled === true ? process.getBuiltinModule("node:worker_threads").threadId : 0;
}
