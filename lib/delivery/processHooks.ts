import type { ProcessHookOptions } from "../config/TelemetryOptions.js";
import { attempt } from "../shared/attempt.js";
import { currentThread } from "../shared/currentThread.js";
import { clearTimeout, setImmediate, setTimeout } from "../shared/timers.js";
import { observeRejections, REJECTION } from "./observeRejections.js";

/** How long a process waits for telemetry at its natural end by default, in ms. */
const END_BUDGET_MS = 250;
/** The signals that ask a process to end and can be observed. */
const SIGNALS: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT", "SIGHUP"];

/** Callbacks for each way a process can end. It may die without any of them. Errors that they throw are swallowed. */
export interface ProcessEndObserver {
  /** An error was not caught; the process may or may not die of it. Synchronous. */
  onUncaught?(error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void;
  /** A rejection was not handled, and one of the host's listeners is about to be called with it. Synchronous. */
  onRejection?(reason: unknown): void;
  /** A signal arrived; the process may die right after this or live on. Synchronous. */
  onSignal?(signal: NodeJS.Signals): void;
  /**
   * The process reaches its natural end and waits for the promise once, for at most `budgetMs`. Return undefined if
   * there is nothing to wait for: a wait makes Node emit `beforeExit` again, for the host's listeners as well.
   */
  onEnding?(budgetMs: number): Promise<void> | undefined;
  /** The process exits. Synchronous. */
  onExit?(): void;
}

/**
 * Observes how this process (or worker thread, which gets no signals) ends without changing it: exit code, signal and
 * printed error stay the same, whatever listeners others have. Returns a function that ends the observation.
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
      // Work scheduled in `beforeExit` makes Node emit the event again.
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
      // With a listener for rejections, the monitor gets them only in strict mode, and then it gets all of them.
      if (origin === REJECTION && process.listenerCount(REJECTION) > 0) endRejections();
      attempt(() => observer.onUncaught?.(error, origin as NodeJS.UncaughtExceptionOrigin));
    });
  }
  return () => {
    for (const dispose of disposers.splice(0)) dispose();
  };
}

/** Whether these hooks see every way in which a process can end, except those that no process sees, such as SIGKILL. */
export function observesEveryEnd(hooks: ProcessHookOptions | boolean): boolean {
  if (hooks === false) return false;
  const { exit, uncaught, signals } = hooks === true ? {} : hooks;
  const observed = chooseSignals(signals);
  return exit !== false && uncaught !== false && SIGNALS.every((each) => observed.includes(each));
}

function chooseSignals(signals: ProcessHookOptions["signals"]): readonly NodeJS.Signals[] {
  if (currentThread() !== 0) return [];
  if (signals === undefined) return process.platform === "win32" ? [] : SIGNALS;
  if (typeof signals === "boolean") return signals ? SIGNALS : [];
  // The configuration contains only names of signals.
  return signals as readonly NodeJS.Signals[];
}

function end(
  observer: ProcessEndObserver,
  budgetMs: number,
  signals: readonly NodeJS.Signals[],
): void {
  const work = attempt(() => observer.onEnding?.(budgetMs));
  if (work === undefined) {
    if (isOnlyListener(signals)) setImmediate(() => undefined);
    return;
  }
  // Nothing else of ours keeps the process alive, so this timer does.
  const timer = setTimeout(() => undefined, budgetMs);
  const over = (): void => clearTimeout(timer);
  work.then(over, over);
}

/**
 * Whether only we listen for these signals and `beforeExit`. Without listeners, a process that signals itself as its
 * last act dies at once. With ours, the signal needs another event loop turn; it gets one if the host cannot tell.
 */
function isOnlyListener(signals: readonly NodeJS.Signals[]): boolean {
  if (signals.length === 0 || process.listenerCount("beforeExit") > 1) return false;
  return signals.every((signal) => process.listenerCount(signal) <= 1);
}

/**
 * Observes a signal before anyone else does, without changing its outcome. Our listener comes first and removes itself
 * before the others run. If no others are left, the signal is raised again and has its default effect; libraries that
 * count listeners before they raise it again (`signal-exit`) find only their own.
 */
function observeSignal(signal: NodeJS.Signals, onSignal: () => void): () => void {
  let disposed = false;
  const listen = (): void => {
    if (disposed) return;
    // The system may not know this signal or may not allow a listener for it.
    attempt(() => process.prependListener(signal, listener));
  };
  const listener = (): void => {
    process.removeListener(signal, listener);
    onSignal();
    // The process may live on, if a handler does not end it or the system ignores the signal.
    setImmediate(listen);
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  listen();
  return () => {
    disposed = true;
    process.removeListener(signal, listener);
  };
}
