import { untraced } from "../../../shared/untraced.js";

type Full = typeof import("../../../posthog/exceptionProperties.js");

let full: Full | undefined;

/** Loads PostHog's own builder. Must have been called before the first `$exception`. */
export async function loadExceptions(): Promise<void> {
  full = await untraced(() => import("../../../posthog/exceptionProperties.js"));
}

/** Undefined if the builder is not loaded; the event `land:<tier>:error` is sent anyway. */
export function exceptionProperties(
  ...given: Parameters<Full["exceptionProperties"]>
): ReturnType<Full["exceptionProperties"]> | undefined {
  return full?.exceptionProperties(...given);
}
