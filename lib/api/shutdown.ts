import { globalState } from "../shared/globalState.js";

/**
 * Ends the telemetry of this process: sends the session end, then what is pending, and writes the rest to the
 * spool. Resolves within the budget and never rejects; a second call resolves with the first.
 *
 * @param timeoutMs Budget in milliseconds. Default: the `shutdownTimeoutMs` of `register` (250).
 */
export function shutdown(timeoutMs?: number): Promise<void> {
  return globalState().runtime?.shutdown(timeoutMs) ?? Promise.resolve();
}
