/** The event by which Node tells of a rejection that nobody handled. */
export const REJECTION = "unhandledRejection";

/**
 * Observes the unhandled rejections that the host listens for, of which `uncaughtExceptionMonitor` hears nothing, and
 * leaves what happens as it was. A listener decides that in most of Node's modes: with one the process lives on and
 * nothing is printed. So ours is there only while one of the host's is, in front of them; it comes when the first
 * comes and goes when the last goes. Returns what ends the observation.
 */
export function observeRejections(onRejection: (reason: unknown) => void): () => void {
  const listener = (reason: unknown): void => onRejection(reason);
  const hostsOwn = (): number =>
    process.listeners(REJECTION).filter((each) => (each as unknown) !== listener).length;
  let isComing = false;
  const follow = (count: number): void => {
    const isThere = process.listeners(REJECTION).includes(listener);
    const max = process.getMaxListeners();
    // One more than the host's own must not be what makes Node warn of a leak.
    const isWanted = count > 0 && (max === 0 || count < max);
    if (isWanted && !isThere && !isComing) {
      // Another library that follows the listeners in this way is told of ours before it is there, and adds its own again.
      isComing = true;
      process.prependListener(REJECTION, listener);
      isComing = false;
    } else if (!isWanted && isThere) process.removeListener(REJECTION, listener);
  };
  // Node tells before it adds a listener, and after it has removed one.
  const onAdd = (event: string | symbol, added: unknown): void => {
    if (event === REJECTION && added !== listener) follow(hostsOwn() + 1);
  };
  const onRemove = (event: string | symbol, removed: unknown): void => {
    if (event === REJECTION && removed !== listener) follow(hostsOwn());
  };
  process.on("newListener", onAdd);
  process.on("removeListener", onRemove);
  follow(hostsOwn());
  return () => {
    process.removeListener("newListener", onAdd);
    process.removeListener("removeListener", onRemove);
    process.removeListener(REJECTION, listener);
  };
}
