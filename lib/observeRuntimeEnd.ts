import type { Configuration } from "./config/Configuration.js";
import { observeProcessEnd } from "./delivery/observeProcessEnd.js";
import type { TierRuntime } from "./TierRuntime.js";

/**
 * Lets nothing be lost when the process ends, however it does. Returns what takes the hooks away again.
 */
export function observeRuntimeEnd(
  runtime: TierRuntime,
  { processHooks, shutdownTimeoutMs }: Pick<Configuration, "processHooks" | "shutdownTimeoutMs">,
): () => void {
  return observeProcessEnd(
    {
      onUncaught: (error, origin) => {
        runtime.captureError(origin, error);
        // A listener of the host that throws ends the process without an `exit` event.
        runtime.spill();
      },
      onSignal: (signal) => {
        // With a listener left the host decides whether this is the end; what is pending is safe either way.
        if (process.listenerCount(signal) === 0) runtime.endNow();
        else runtime.spill();
      },
      onEnding: (budgetMs) => runtime.finish(budgetMs),
      onExit: () => runtime.endNow(),
    },
    processHooks,
    shutdownTimeoutMs,
  );
}
