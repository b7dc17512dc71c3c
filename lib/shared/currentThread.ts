/**
 * The number of this thread; 0 is the main one. Node marks what a worker cannot do as disabled, which tells them
 * apart without node:worker_threads: loading that costs the main thread a millisecond at start.
 */
export function currentThread(): number {
  const { chdir } = process as { chdir: { disabled?: boolean } };
  return chdir.disabled === true ? process.getBuiltinModule("node:worker_threads").threadId : 0;
}
