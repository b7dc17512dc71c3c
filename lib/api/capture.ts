import { globalState } from "../shared/globalState.js";
import type { EventArguments } from "../posthog/LandEvents.js";
import type { EventProperties } from "../shared/Runtime.js";

/**
 * Sends one event to PostHog, with the standard properties and the active span's `$trace_id` and `$span_id`, all read
 * at the time of the call. Outside any span they are those of the session start, and `$trace_source` is `session`.
 * Returns immediately and never throws; does nothing while the PostHog pipe is off.
 *
 * @param name Land's own events are `land:<tier>:<what>`; {@link LandEvents} tells the compiler their properties.
 * @param properties Anything that JSON can hold; redacted before it is sent. They override standard properties of the
 *   same name, except `$tier`, `$component`, `$trace_id`, `$span_id` and `$trace_source`.
 */
export function captureEvent<Name extends string>(
  name: Name,
  ...[properties]: EventArguments<Name>
): void {
  globalState().runtime?.captureEvent(name, properties);
}

/**
 * Reports an error as `land:<tier>:error`, with its class, frames and causes, and records it on the active span
 * without changing the span's status. An Error makes one event only, whichever spans it passed through before this
 * call or passes through later. Returns immediately and never throws.
 *
 * @param tag Becomes `error_tag`: where the error occurred or what kind it is. The dashboards group by it.
 * @param errorOrMessage Its message becomes `error_message`. A plain message has no identity and is always an event.
 */
export function captureError(
  tag: string,
  errorOrMessage: unknown,
  properties?: EventProperties,
): void {
  globalState().runtime?.captureError(tag, errorOrMessage, properties);
}

/** Sends this process's session start, unless `register` has already done so. */
export function captureSession(): void {
  globalState().runtime?.captureSession();
}
