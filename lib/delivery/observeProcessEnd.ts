import { currentThread } from "../shared/currentThread.js";
import { observeSignals } from "./observeSignals.js";

/** What the natural end of a process may wait for telemetry by default, in ms. */
export const END_BUDGET_MS = 250;
/** The signals that end a process on request and can be seen. */
const SIGNALS: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT", "SIGHUP"];

/** Which ends of a process are looked at. Each is on unless it is `false`. */
export interface ProcessHooks {
  /** The last synchronous moment, whatever ended the process but a signal or a crash. */
  readonly exit?: boolean;
  /** The natural end, when there is nothing left to do: the one moment that allows for sending. */
  readonly beforeExit?: boolean;
  /** Uncaught errors and unhandled rejections; they are observed only. */
  readonly uncaught?: boolean;
  /**
   * SIGTERM, SIGINT and SIGHUP, or those given. Default: on, but off on Windows, where a signal cannot be raised
   * again with the same exit code. With a blocked event loop any JavaScript listener delays a signal's effect: a
   * host that cannot have that turns this off.
   */
  readonly signals?: boolean | readonly NodeJS.Signals[];
}

/** What is done at each end. None of them may be relied on to be called; errors thrown in them are swallowed. */
export interface ProcessEndObserver {
  /** An error that nobody caught; the process may or may not die of it. Synchronous. */
  onUncaught?(error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void;
  /** A signal came; the process may die right after this, or live on. Synchronous. */
  onSignal?(signal: NodeJS.Signals): void;
  /**
   * The natural end; the process waits for the promise, at most `budgetMs`, once. Give none when there is nothing to
   * wait for: whatever waits here makes Node emit `beforeExit` again, for the host's listeners as well.
   */
  onEnding?(budgetMs: number): Promise<void> | undefined;
  /** The process exits. Synchronous. */
  onExit?(): void;
}

/**
 * Watches the ends of this process (or worker thread, which gets no signals) without changing them: exit code,
 * signal and printed error stay what they were, whatever listeners others have. Returns what ends the watch.
 */
export function observeProcessEnd(
  observer: ProcessEndObserver,
  hooks: ProcessHooks | boolean = true,
  budgetMs: number = END_BUDGET_MS,
): () => void {
  const chosen: ProcessHooks = typeof hooks === "boolean" ? allHooks(hooks) : hooks;
  const disposers: (() => void)[] = [];
  if (chosen.exit !== false) {
    const onExit = (): void => quietly(() => observer.onExit?.());
    process.on("exit", onExit);
    disposers.push(() => process.removeListener("exit", onExit));
  }
  const signals = chooseSignals(chosen.signals);
  if (chosen.beforeExit !== false || signals.length > 0) {
    const onBeforeExit = endOnce(chosen.beforeExit === false ? {} : observer, budgetMs, signals);
    process.on("beforeExit", onBeforeExit);
    disposers.push(() => process.removeListener("beforeExit", onBeforeExit));
  }
  if (chosen.uncaught !== false) {
    const onUncaught: NodeJS.UncaughtExceptionListener = (error, origin) =>
      quietly(() => observer.onUncaught?.(error, origin));
    process.on("uncaughtExceptionMonitor", onUncaught);
    disposers.push(() => process.removeListener("uncaughtExceptionMonitor", onUncaught));
  }
  if (signals.length > 0)
    disposers.push(observeSignals(signals, (signal) => quietly(() => observer.onSignal?.(signal))));
  return () => {
    for (const dispose of disposers.splice(0)) dispose();
  };
}

function allHooks(on: boolean): ProcessHooks {
  return on ? {} : { exit: false, beforeExit: false, uncaught: false, signals: false };
}

function chooseSignals(signals: ProcessHooks["signals"]): readonly NodeJS.Signals[] {
  if (currentThread() !== 0) return [];
  if (signals === undefined) return process.platform === "win32" ? [] : SIGNALS;
  return typeof signals === "boolean" ? (signals ? SIGNALS : []) : signals;
}

/** Once, because what is scheduled at `beforeExit` makes the event come again. */
function endOnce(
  observer: ProcessEndObserver,
  budgetMs: number,
  signals: readonly NodeJS.Signals[],
): () => void {
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    let work: Promise<void> | undefined;
    quietly(() => {
      work = observer.onEnding?.(budgetMs);
    });
    if (work === undefined) {
      if (seesSignalsAlone(signals)) setImmediate(() => undefined);
      return;
    }
    // Nothing of ours holds the process, so it is this timer that it waits for.
    const timer = setTimeout(() => undefined, budgetMs);
    const over = (): void => clearTimeout(timer);
    work.then(over, over);
  };
}

/**
 * A process that signals itself as its last act dies of that at once when nobody listens. With our listener the
 * signal has to come through the event loop, which gets one more turn for it; unless a host would see the difference.
 */
function seesSignalsAlone(signals: readonly NodeJS.Signals[]): boolean {
  if (signals.length === 0 || process.listenerCount("beforeExit") > 1) return false;
  return signals.every((signal) => process.listenerCount(signal) <= 1);
}

function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // An error here would become the process's own.
  }
}
