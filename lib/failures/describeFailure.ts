import { isObject } from "../shared/isObject.js";
import { readMember } from "../shared/readMember.js";

/** The parts of a failure that spans and events carry. */
export interface FailureDescription {
  /** The error's class, for example `TypeError`; `_OTHER` (the conventions' word) when there is none. */
  readonly type: string;
  /** The message, possibly empty. */
  readonly message: string;
  readonly stack?: string;
}

const OTHER = "_OTHER";
/** A longer chain of causes is hostile or circular. */
const MAX_CAUSES = 16;

/**
 * Describes anything that can be thrown, and survives throwing getters and proxies: a failure of the host's must
 * not become a failure of telemetry.
 *
 * The type is `code` unless it is empty or 0, else `name`, as `recordException` of the official SDK chooses, so
 * that `error.type` and `exception.type` agree.
 */
export function describeFailure(failure: unknown): FailureDescription {
  if (!isObject(failure))
    return { type: OTHER, message: failure == null ? "" : (failure as string | number).toString() };
  const code = textOf(readMember(failure, "code") || undefined);
  const name = textOf(readMember(failure, "name"));
  const message = textOf(readMember(failure, "message"));
  const stack = textOf(readMember(failure, "stack"));
  return { type: code || name || OTHER, message, ...(stack === "" ? {} : { stack }) };
}

/** A failure, its cause, the cause of that, and so on. */
export function causesOf(failure: unknown): readonly unknown[] {
  const causes: unknown[] = [];
  let current = failure;
  while (current !== undefined && causes.length < MAX_CAUSES) {
    causes.push(current);
    current = readMember(current, "cause");
  }
  return causes;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : "";
}
