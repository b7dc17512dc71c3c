import type { Context } from "@opentelemetry/api";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";

let suppressed: Context | undefined;

/**
 * Runs our own work, and whatever it starts, so that the host's instrumentations make no spans for it: delivering them
 * would be more of the same work. All I/O must go through here: `fs` does it for files, HttpTransport for requests and
 * DNS look-ups, and each late `import()` for itself. The work does not keep the caller's context either. If the host
 * has no context manager, tracing cannot be suppressed.
 */
export function untraced<T>(work: () => T): T {
  return context.with((suppressed ??= suppressTracing(ROOT_CONTEXT)), work);
}
