/** After the start of the process, which a person waits for; before the first batch of either pipe is due. In ms. */
export const PREPARE_AFTER_MS = 500;
/** Between two pieces, so that what the host does comes in between, in ms. */
const PAUSE_MS = 20;

/**
 * Does pieces of work that would otherwise be due in the last moment of the process, one in each turn of the event
 * loop. Nothing waits for them, they may fail, and they do not hold the process. Returns what calls the rest off.
 */
export function prepareLater(pieces: readonly (() => void)[]): () => void {
  const left = [...pieces];
  let timer: NodeJS.Timeout | undefined;
  const schedule = (delayMs: number): void => {
    if (left.length > 0) timer = setTimeout(doNext, delayMs).unref();
  };
  const doNext = (): void => {
    try {
      left.shift()?.();
    } catch {
      // Then it is found out when it is needed.
    }
    schedule(PAUSE_MS);
  };
  schedule(PREPARE_AFTER_MS);
  return () => {
    left.length = 0;
    clearTimeout(timer);
  };
}
