/**
 * Sees a signal before anyone else does, and leaves its outcome as it was. The listener stands first and takes
 * itself away before the others run: with none left the signal is raised again and does what it does by
 * default; libraries that count listeners before they re-raise (`signal-exit`) find only their own.
 * Returns what ends the observation.
 */
export function observeSignals(
  signals: readonly NodeJS.Signals[],
  onSignal: (signal: NodeJS.Signals) => void,
): () => void {
  const disposers = signals.map((signal) => observeSignal(signal, () => onSignal(signal)));
  return () => {
    for (const dispose of disposers) dispose();
  };
}

function observeSignal(signal: NodeJS.Signals, onSignal: () => void): () => void {
  let disposed = false;
  const listen = (): void => {
    if (disposed) return;
    try {
      process.prependListener(signal, listener);
    } catch {
      // Not a signal that can be listened to on this system.
    }
  };
  const listener = (): void => {
    process.removeListener(signal, listener);
    onSignal();
    // Whoever is still here after this (a handler that goes on, a signal the system ignores) is seen again.
    setImmediate(listen);
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  listen();
  return () => {
    disposed = true;
    process.removeListener(signal, listener);
  };
}
