import type { ProcessHookOptions } from "../config/TelemetryOptions.js";
import { attempt } from "../shared/attempt.js";
import { currentThread } from "../shared/currentThread.js";
import { clearTimeout, setImmediate, setTimeout } from "../shared/timers.js";
import { observeRejections, REJECTION } from "./observeRejections.js";

/** What the natural end of a process may wait for telemetry by default, in ms. */
const END_BUDGET_MS = 250;
/** The signals that end a process on request and can be observed. */
const SIGNALS: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT", "SIGHUP"];

/** What is done at each end. A process may die without any of them; errors thrown in them are swallowed. */
export interface ProcessEndObserver {
  /** Nobody caught an error; the process may or may not die of it. Synchronous. */
  onUncaught?(error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void;
  /** Nobody handled a rejection, and a listener of the host's is about to be told of it. Synchronous. */
  onRejection?(reason: unknown): void;
  /** A signal came; the process may die right after this, or live on. Synchronous. */
  onSignal?(signal: NodeJS.Signals): void;
  /**
   * The natural end; the process waits for the promise once, at most `budgetMs`. Without anything to wait for this
   * should return undefined, because a wait makes Node emit `beforeExit` again, for the host's listeners as well.
   */
  onEnding?(budgetMs: number): Promise<void> | undefined;
  /** The process exits. Synchronous. */
  onExit?(): void;
}

/**
 * Observes the ends of this process (or worker thread, which gets no signals) without changing them: exit code,
 * signal and printed error stay what they were, whatever listeners others have. Returns what ends the observation.
 */
export function observeProcessEnd(
  observer: ProcessEndObserver,
  hooks: ProcessHookOptions | boolean = true,
  budgetMs: number = END_BUDGET_MS,
): () => void {
  if (hooks === false) return () => undefined;
  const chosen = hooks === true ? {} : hooks;
  const signals = chooseSignals(chosen.signals);
  const disposers = signals.map((signal) =>
    observeSignal(signal, () => attempt(() => observer.onSignal?.(signal))),
  );
  const listen = (event: string, listener: (...args: unknown[]) => void): void => {
    (process as NodeJS.EventEmitter).on(event, listener);
    disposers.push(() => process.removeListener(event, listener));
  };
  if (chosen.exit !== false) listen("exit", () => attempt(() => observer.onExit?.()));
  if (chosen.beforeExit !== false || signals.length > 0) {
    const asked = chosen.beforeExit === false ? {} : observer;
    let ended = false;
    listen("beforeExit", () => {
      // What is scheduled at `beforeExit` makes the event come again.
      if (!ended) end(asked, budgetMs, signals);
      ended = true;
    });
  }
  if (chosen.uncaught !== false) {
    const endRejections =
      observer.onRejection === undefined
        ? () => undefined
        : observeRejections((reason) => attempt(() => observer.onRejection?.(reason)));
    disposers.push(endRejections);
    listen("uncaughtExceptionMonitor", (error, origin) => {
      // Before a host's listener the monitor is told in strict mode alone, and of every rejection then.
      if (origin === REJECTION && process.listenerCount(REJECTION) > 0) endRejections();
      attempt(() => observer.onUncaught?.(error, origin as NodeJS.UncaughtExceptionOrigin));
    });
  }
  return () => {
    for (const dispose of disposers.splice(0)) dispose();
  };
}

function chooseSignals(signals: ProcessHookOptions["signals"]): readonly NodeJS.Signals[] {
  if (currentThread() !== 0) return [];
  if (signals === undefined) return process.platform === "win32" ? [] : SIGNALS;
  if (typeof signals === "boolean") return signals ? SIGNALS : [];
  // The configuration holds names of signals alone.
  return signals as readonly NodeJS.Signals[];
}

function end(
  observer: ProcessEndObserver,
  budgetMs: number,
  signals: readonly NodeJS.Signals[],
): void {
  const work = attempt(() => observer.onEnding?.(budgetMs));
  if (work === undefined) {
    if (seesSignalsAlone(signals)) setImmediate(() => undefined);
    return;
  }
  // Nothing of ours holds the process, so it waits for this timer.
  const timer = setTimeout(() => undefined, budgetMs);
  const over = (): void => clearTimeout(timer);
  work.then(over, over);
}

/**
 * A process that signals itself as its last act dies of that at once when nobody listens. With our listener the
 * signal has to come through the event loop, which gets one more turn for it; unless a host would see the difference.
 */
function seesSignalsAlone(signals: readonly NodeJS.Signals[]): boolean {
  if (signals.length === 0 || process.listenerCount("beforeExit") > 1) return false;
  return signals.every((signal) => process.listenerCount(signal) <= 1);
}

/**
 * Sees a signal before anyone else does, and leaves its outcome as it was. The listener stands first and removes
 * itself before the others run. With none left the signal is raised again and does what it does by default; libraries
 * that count listeners before they raise it again (`signal-exit`) find only their own.
 */
function observeSignal(signal: NodeJS.Signals, onSignal: () => void): () => void {
  let disposed = false;
  const listen = (): void => {
    if (disposed) return;
    // The system may not know this signal, or let nobody listen to it.
    attempt(() => process.prependListener(signal, listener));
  };
  const listener = (): void => {
    process.removeListener(signal, listener);
    onSignal();
    // The process may live on, with a handler that does not end it or a signal the system ignores.
    setImmediate(listen);
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  listen();
  return () => {
    disposed = true;
    process.removeListener(signal, listener);
  };
}
