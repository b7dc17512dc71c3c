import type { ErrorOrigin } from "../config/TelemetryOptions.js";
import { attempt } from "../shared/attempt.js";
import { globalState } from "../shared/globalState.js";
import type { PageTelemetry } from "./PendingTelemetry.js";

/** Sees what nobody caught in this page or worker, and changes nothing of what happens. */
export function observeUncaught(): void {
  const tell = (error: unknown, origin: ErrorOrigin): void => {
    attempt(() => (globalState().runtime as PageTelemetry | undefined)?.onUncaught(error, origin));
  };
  // The scope of a page or a worker has both events.
  globalThis.addEventListener("error", (event) => {
    // Of a script of another origin a page is told no more than that.
    if (event instanceof ErrorEvent)
      tell((event.error as unknown) ?? new Error(event.message), "uncaughtException");
  });
  globalThis.addEventListener("unhandledrejection", (event) =>
    tell(event.reason, "unhandledRejection"),
  );
}
