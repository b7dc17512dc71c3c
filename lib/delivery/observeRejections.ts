/** The event that Node emits for a rejection that nobody handled. */
export const REJECTION = "unhandledRejection";

/**
 * Observes unhandled rejections while the host listens for them, because `uncaughtExceptionMonitor` does not then
 * report them. It does not change their outcome. In most Node modes the presence of a listener decides that: with one,
 * the process lives on and nothing is printed. So our listener is there, in front, only while the host has one: it is
 * added with the host's first and removed with its last. Returns a function that ends the observation.
 */
export function observeRejections(onRejection: (reason: unknown) => void): () => void {
  const listener = (reason: unknown): void => onRejection(reason);
  const hostsOwn = (): number =>
    process.listeners(REJECTION).filter((each) => (each as unknown) !== listener).length;
  let isComing = false;
  const follow = (count: number): void => {
    const isThere = process.listeners(REJECTION).includes(listener);
    const max = process.getMaxListeners();
    // Our listener must not be the one that makes Node warn of a leak.
    const isWanted = count > 0 && (max === 0 || count < max);
    if (isWanted && !isThere && !isComing) {
      // `newListener` comes before ours is added; another library that follows listeners may then add its own again.
      isComing = true;
      process.prependListener(REJECTION, listener);
      isComing = false;
    } else if (!isWanted && isThere) process.removeListener(REJECTION, listener);
  };
  // Node emits `newListener` before it adds a listener and `removeListener` after it has removed one.
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
