import type { ErrorOrigin } from "../config/TelemetryOptions.js";
import { attempt } from "../shared/attempt.js";
import { globalState } from "../shared/globalState.js";
import type { PageTelemetry } from "./PendingTelemetry.js";

/** Reports uncaught errors and rejections of this page or worker, without changing how they are handled. */
export function observeUncaught(): void {
  const tell = (error: unknown, origin: ErrorOrigin): void => {
    attempt(() => (globalState().runtime as PageTelemetry | undefined)?.onUncaught(error, origin));
  };
  // The global scopes of pages and workers have both events.
  globalThis.addEventListener("error", (event) => {
    // For a script of another origin the browser gives a page only the message.
    if (event instanceof ErrorEvent)
      tell((event.error as unknown) ?? new Error(event.message), "uncaughtException");
  });
  globalThis.addEventListener("unhandledrejection", (event) =>
    tell(event.reason, "unhandledRejection"),
  );
}
