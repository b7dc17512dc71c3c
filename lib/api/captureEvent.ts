import type { EventProperties } from "../shared/Runtime.js";
import { globalState } from "../shared/globalState.js";

/**
 * Sends one event to PostHog, with the standard properties and the active span's `$trace_id` and `$span_id`,
 * all taken at the call. Returns at once and never throws; does nothing while the PostHog pipe is off.
 *
 * @param name Land's own are `land:<tier>:<what>`.
 * @param properties Anything that JSON can hold; redacted before it leaves. They beat the standard properties of
 *   the same name, except `$tier`, `$component`, `$trace_id` and `$span_id`.
 */
export function captureEvent(name: string, properties?: EventProperties): void {
  globalState().runtime?.captureEvent(name, properties);
}
