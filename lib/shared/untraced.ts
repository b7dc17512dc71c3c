import type { Context } from "@opentelemetry/api";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";

let suppressed: Context | undefined;

/**
 * Runs work of our own, and what it starts, so that no instrumentation of the host makes a span of it: such spans would
 * be delivered by more of the same work. Every way out goes through here: files by `fs`, requests and name look-ups by
 * HttpTransport, modules that are loaded later by whoever loads them. It keeps nothing of the caller's context either.
 * Where the host has no context manager, nothing can be suppressed.
 */
export function untraced<T>(work: () => T): T {
  return context.with((suppressed ??= suppressTracing(ROOT_CONTEXT)), work);
}
