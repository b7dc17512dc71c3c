/**
 * The number of this thread; 0 is the main one. Node marks what a worker cannot do as disabled, which tells them
 * apart without node:worker_threads: loading that costs the main thread a millisecond at start.
 */
export function currentThread(): number {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- looked at, not called
  const { disabled } = process.chdir as { disabled?: boolean };
  return disabled === true ? process.getBuiltinModule("node:worker_threads").threadId : 0;
}
