import { isObject } from "../shared/isObject.js";

/** The parts of a failure that spans and events carry. */
export interface FailureDescription {
  /** The error's class, for example `TypeError`; `_OTHER` (the conventions' word) when there is none. */
  readonly type: string;
  /** The message, possibly empty. */
  readonly message: string;
  readonly stack?: string;
}

const OTHER = "_OTHER";

/**
 * Describes anything that can be thrown. Reads nothing twice and survives throwing getters and proxies: a
 * failure in the handler must not become a failure of telemetry.
 *
 * The type is `code` unless it is empty or 0, else `name`, as `recordException` of the official SDK chooses, so
 * that `error.type` and `exception.type` agree.
 */
export function describeFailure(failure: unknown): FailureDescription {
  if (!isObject(failure))
    return { type: OTHER, message: failure == null ? "" : (failure as string | number).toString() };
  const code = readText(() => (failure as { code?: unknown }).code || undefined);
  const name = readText(() => (failure as { name?: unknown }).name);
  const message = readText(() => (failure as { message?: unknown }).message);
  const stack = readText(() => (failure as { stack?: unknown }).stack);
  return { type: code || name || OTHER, message, ...(stack === "" ? {} : { stack }) };
}

function readText(read: () => unknown): string {
  try {
    const value = read();
    if (typeof value === "string") return value;
    return typeof value === "number" ? String(value) : "";
  } catch {
    return "";
  }
}
