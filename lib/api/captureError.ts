import type { EventProperties } from "../shared/Runtime.js";
import { globalState } from "../shared/globalState.js";

/**
 * Reports an error as `land:<tier>:error`. The Error is then counted: a span it passes through later, or passed
 * through before, makes no second event of it. Returns at once and never throws.
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
