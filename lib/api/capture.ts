import { globalState } from "../shared/globalState.js";
import type { EventArguments } from "../posthog/LandEvents.js";
import type { EventProperties } from "../shared/Runtime.js";

/**
 * Sends one event to PostHog, with the standard properties and the active span's `$trace_id` and `$span_id`,
 * all taken at the call; outside of any span they are those of the session start, and `$trace_source` is `session`.
 * Returns at once and never throws; does nothing while the PostHog pipe is off.
 *
 * @param name Land's own are `land:<tier>:<what>`; the compiler knows the properties of those in {@link LandEvents}.
 * @param properties Anything that JSON can hold; redacted before it is sent. They beat the standard properties of
 *   the same name, except `$tier`, `$component`, `$trace_id`, `$span_id` and `$trace_source`.
 */
export function captureEvent<Name extends string>(
  name: Name,
  ...[properties]: EventArguments<Name>
): void {
  globalState().runtime?.captureEvent(name, properties);
}

/**
 * Reports an error as `land:<tier>:error`, with its class, frames and causes, and records it on the active span, whose
 * status stays as it is. The Error is then counted: a span it passes through later, or passed through before, makes no
 * second event of it. Returns at once and never throws.
 *
 * @param tag `error_tag`: where or what kind; the dashboards group by it.
 * @param errorOrMessage `error_message` is its message. A plain message has no identity and is always an event.
 */
export function captureError(
  tag: string,
  errorOrMessage: unknown,
  properties?: EventProperties,
): void {
  globalState().runtime?.captureError(tag, errorOrMessage, properties);
}

/** Makes this process's session start, unless `register` has made it already. */
export function captureSession(): void {
  globalState().runtime?.captureSession();
}
