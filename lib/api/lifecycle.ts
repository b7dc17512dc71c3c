import { globalState } from "../shared/globalState.js";
import type { WatchableChild, WatchChildOptions } from "../shared/Runtime.js";
import type { Pipe, PipeStats, Stats } from "../shared/Stats.js";

/** Whether a pipe is on. Decided once, by `register`; false before it and after `shutdown`. */
export function isAllowed(pipe: Pipe): boolean {
  return globalState().runtime?.isAllowed(pipe) ?? false;
}

/**
 * The current counts of each pipe. `accepted` always equals the sum of `delivered`, `unknown`, all of `dropped`,
 * `spooled` and `pending`. After `shutdown` the counts are final. `redacted` counts the redactions of each rule.
 */
export function stats(): Stats {
  const state = globalState();
  return state.runtime?.stats() ?? state.finalStats ?? { posthog: empty(), otlp: empty() };
}

function empty(): PipeStats {
  return { accepted: 0, delivered: 0, replayed: 0, dropped: {}, spooled: 0, pending: 0 };
}

/**
 * Sends what is pending. Resolves when it is delivered, spooled or dropped, or when the time is up; never rejects.
 *
 * @param timeoutMs Budget in milliseconds. Default: the `shutdownTimeoutMs` of `register` (250).
 */
export function flush(timeoutMs?: number): Promise<void> {
  return globalState().runtime?.flush(timeoutMs) ?? Promise.resolve();
}

/**
 * Ends the telemetry of this process: sends the session end, then what is pending, and writes the rest to the
 * spool. Resolves within the budget and never rejects; a second call resolves with the first.
 *
 * @param timeoutMs Budget in milliseconds. Default: the `shutdownTimeoutMs` of `register` (250).
 */
export function shutdown(timeoutMs?: number): Promise<void> {
  return globalState().runtime?.shutdown(timeoutMs) ?? Promise.resolve();
}

/**
 * Marks this process as launched: a later crash is not a failed launch. Without this call, a process counts as
 * launched five seconds after `register`.
 */
export function markLaunched(): void {
  globalState().runtime?.markLaunched?.();
}

/**
 * Watches for the end of a child process, which only its parent can see exactly, and writes the signal or exit code
 * into the child's run file. Call it right after starting the child. Never throws; does nothing for a child without
 * telemetry.
 */
export function watchChild(child: WatchableChild, options?: WatchChildOptions): void {
  globalState().runtime?.watchChild?.(child, options);
}
