import { globalState } from "../shared/globalState.js";

/**
 * Sends what is pending. Resolves when it is delivered, spooled or dropped, or when the time is up; never rejects.
 *
 * @param timeoutMs Budget in milliseconds. Default: the `shutdownTimeoutMs` of `register` (250).
 */
export function flush(timeoutMs?: number): Promise<void> {
  return globalState().runtime?.flush(timeoutMs) ?? Promise.resolve();
}
