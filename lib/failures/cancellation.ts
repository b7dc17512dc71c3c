import type { Context, Span } from "@opentelemetry/api";
import { createContextKey } from "@opentelemetry/api";
import { ATTR_LAND_CANCELLED } from "../resource/semanticConventions.js";
import { causesOf, readMember } from "./describeFailure.js";

/**
 * What tells an operation to stop: the standard AbortSignal, or the cancellation token of VS Code's
 * protocols.
 */
export interface CancelSource {
  readonly aborted?: boolean;
  readonly reason?: unknown;
  readonly isCancellationRequested?: boolean;
}

/** The key is made by `Symbol.for`, so that every bundle of this package reads the same entry. */
const SOURCE_KEY = createContextKey("land-telemetry.cancel-source");

/** Arguments that are looked at for a signal: it stands among the last few of any known handler shape. */
const MAX_ARGUMENTS = 16;

/** The names and codes under which Node, the web and VS Code throw an abort. */
const ABORT_NAMES: ReadonlySet<unknown> = new Set([
  "AbortError",
  "Canceled",
  "CanceledError",
  "CancellationError",
]);
const ABORT_CODES: ReadonlySet<unknown> = new Set(["ABORT_ERR", "ERR_CANCELED", -32800]);

/** The signal or token among a handler's arguments, if there is one. Survives hostile arguments. */
export function findCancelSource(args: readonly unknown[]): CancelSource | undefined {
  for (let index = Math.min(args.length, MAX_ARGUMENTS) - 1; index >= 0; index--) {
    const candidate = args[index];
    if (isCancelSource(candidate)) return candidate;
  }
  return undefined;
}

/** A context whose spans take an abort through this source as a cancellation. */
export function withCancelSource(context: Context, source: CancelSource): Context {
  return context.setValue(SOURCE_KEY, source);
}

/**
 * Whether a failure is an abort through the operation's own signal: the signal was aborted, and the failure
 * is its reason, has it as a cause, or is an abort that names no other reason. An abort through some other
 * signal, and any other failure after the abort, stays a failure.
 */
export function isCancellation(failure: unknown, context: Context): boolean {
  const source = context.getValue(SOURCE_KEY);
  if (readMember(source, "isCancellationRequested") === true) return isAbort(failure);
  if (readMember(source, "aborted") !== true) return false;
  // The reason may be any value: Node's own aborts have the text of `abort("closed")` as their cause.
  if (causesOf(failure).includes(readMember(source, "reason"))) return true;
  // The abort of a controller is its reason, so another DOMException is the abort of another controller.
  const isDomException = readMember(failure, Symbol.toStringTag) === "DOMException";
  return isAbort(failure) && !isDomException && readMember(failure, "cause") === undefined;
}

/** Marks a span as cancelled: no error, but no success either. */
export function recordCancellation(span: Span): void {
  span.setAttribute(ATTR_LAND_CANCELLED, true);
}

function isCancelSource(value: unknown): value is CancelSource {
  const has = (name: string, type: string): boolean => typeof readMember(value, name) === type;
  return has("aborted", "boolean")
    ? has("addEventListener", "function")
    : has("isCancellationRequested", "boolean") && has("onCancellationRequested", "function");
}

function isAbort(failure: unknown): boolean {
  return (
    ABORT_NAMES.has(readMember(failure, "name")) || ABORT_CODES.has(readMember(failure, "code"))
  );
}
