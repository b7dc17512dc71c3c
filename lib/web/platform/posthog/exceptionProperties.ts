import { untraced } from "../../../shared/untraced.js";

type Full = typeof import("../../../posthog/exceptionProperties.js");

let full: Full | undefined;

/** Loads PostHog's own builder. Whoever wants `$exception` does so before there is one. */
export async function loadExceptions(): Promise<void> {
  full = await untraced(() => import("../../../posthog/exceptionProperties.js"));
}

/** Undefined where the builder is not loaded: the `land:<tier>:error` is sent all the same. */
export function exceptionProperties(
  ...given: Parameters<Full["exceptionProperties"]>
): ReturnType<Full["exceptionProperties"]> | undefined {
  return full?.exceptionProperties(...given);
}
