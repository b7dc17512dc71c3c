import type { Context, Span, SpanContext } from "@opentelemetry/api";
import { createContextKey, trace } from "@opentelemetry/api";
import { ATTR_LAND_CANCELLED } from "../resource/semanticConventions.js";
import { globalState } from "../shared/globalState.js";
import { isObject } from "../shared/isObject.js";
import { readMember } from "../shared/readMember.js";
import { causesOf, describeFailure } from "./describeFailure.js";
import { cancelledMark, countedMark, isCancelledMark, markCounted } from "./mark.js";
import { inheritedMark, rememberCountedText } from "./settleFailure.js";

/** What tells an operation to stop: a standard AbortSignal, or the cancellation token of VS Code's protocols. */
export interface CancelSource {
  readonly aborted?: boolean;
  readonly reason?: unknown;
  readonly isCancellationRequested?: boolean;
}

/** Created with `Symbol.for`, so that every bundle of this package reads the same entry. */
const SOURCE_KEY = createContextKey("land-telemetry.cancel-source");

/** Maximum number of nested handlers whose signals are kept; beyond it, those of the innermost are kept. */
const MAX_SOURCES = 8;

/** Number of arguments searched for a signal, last first: it is among the last few in every known handler shape. */
const MAX_ARGUMENTS = 16;

/** The names and codes with which Node, the web and VS Code throw an abort. */
const ABORT_NAMES: ReadonlySet<unknown> = new Set([
  "AbortError",
  "Canceled",
  "CanceledError",
  "CancellationError",
]);
const ABORT_CODES: ReadonlySet<unknown> = new Set(["ABORT_ERR", "ERR_CANCELED", -32800]);

/**
 * The codes of JSON-RPC responses in which nothing failed (LSP 3.17): the request was cancelled, its document has
 * changed in the meantime, or the server gave it up. `RequestFailed`, -32803, is a failure.
 */
const GIVEN_UP_CODES: ReadonlySet<unknown> = new Set([-32800, -32801, -32802]);
/** The name and the message of VS Code's CancellationError, by which VS Code itself recognises it. */
const CANCELED = "Canceled";
/** gRPC's CANCELLED, and grpc-js's text for a call that the server reset without a status, which is a failure. */
const GRPC_CANCELLED = 1;
const GRPC_RESET = "Call cancelled";

/** The signal or token among a handler's arguments, or the `signal` or `token` member of one. Never throws. */
export function findCancelSource(args: readonly unknown[]): CancelSource | undefined {
  const considered = args.slice(-MAX_ARGUMENTS).reverse();
  return (
    considered.find(isCancelSource) ??
    considered
      .flatMap((each) => [readMember(each, "signal"), readMember(each, "token")])
      .find(isCancelSource)
  );
}

/** A context whose spans treat an abort through this source, or through an enclosing one, as a cancellation. */
export function withCancelSource(context: Context, source: CancelSource): Context {
  return context.setValue(SOURCE_KEY, [source, ...sourcesOf(context)].slice(0, MAX_SOURCES));
}

/** An older copy of this package stores a single source instead of a list. */
function sourcesOf(context: Context): readonly unknown[] {
  return [context.getValue(SOURCE_KEY) ?? []].flat();
}

/**
 * Whether a failure is a cancellation: by its own kind, because a span or tier below recorded it as one, or because
 * it is an abort through a signal of this operation or of one around it. An abort through another signal, and any
 * other error after the abort, is a failure.
 */
export function isCancellation(failure: unknown, context: Context): boolean {
  return (
    isCancellationByKind(failure) ||
    isCancelledMark(countedMark(failure)) ||
    isCancelledBelow(trace.getSpanContext(context), describeFailure(failure).message, failure) ||
    sourcesOf(context).some((source) => isAbortOf(source, failure))
  );
}

/** Whether a response with this JSON-RPC code and text says that nothing failed, whoever gave the request up. */
export function isGivenUp(code: unknown, text: string): boolean {
  return GIVEN_UP_CODES.has(code) || text === CANCELED;
}

/** Whether a gRPC status says that the call was cancelled, here or in a tier further down. */
export function isGrpcCancellation(code: unknown, details: unknown): boolean {
  return code === GRPC_CANCELLED && typeof details === "string" && details !== GRPC_RESET;
}

/** Whether a failure with this text is a cancellation in a child of this span. */
export function isCancelledBelow(
  span: SpanContext | undefined,
  text: string,
  failure?: unknown,
): boolean {
  return span !== undefined && isCancelledMark(inheritedMark(span.spanId, text, failure));
}

/** Whether a failure is a cancellation wherever it comes from: VS Code's, JSON-RPC's or gRPC's. */
function isCancellationByKind(failure: unknown): boolean {
  const code = readMember(failure, "code");
  if (GIVEN_UP_CODES.has(code)) return true;
  if (isObject(readMember(failure, "metadata")))
    return isGrpcCancellation(code, readMember(failure, "details"));
  return readMember(failure, "name") === CANCELED && readMember(failure, "message") === CANCELED;
}

function isAbortOf(source: unknown, failure: unknown): boolean {
  if (readMember(source, "isCancellationRequested") === true) return isAbort(failure);
  if (readMember(source, "aborted") !== true) return false;
  // The reason may be any value: Node's own aborts have it as their cause, such as the string of `abort("closed")`.
  if (causesOf(failure).includes(readMember(source, "reason"))) return true;
  // A controller's default abort error is its reason itself, so any other DOMException comes from another controller.
  const isDomException = readMember(failure, Symbol.toStringTag) === "DOMException";
  return isAbort(failure) && !isDomException && readMember(failure, "cause") === undefined;
}

/**
 * Marks a span as cancelled: not an error, but not a success either. Its failure is then a cancellation in the spans
 * and tiers above too, recognised by identity, by its text in the parent span and by the mark on the response.
 */
export function recordCancellation(span: Span, failure?: unknown, text?: string): void {
  span.setAttribute(ATTR_LAND_CANCELLED, true);
  const mark = cancelledMark(span.spanContext().traceId);
  globalState().spanMarks.set(span, mark);
  markCounted(failure, mark);
  const parent = readMember(readMember(span, "parentSpanContext"), "spanId");
  const said = text ?? describeFailure(failure).message;
  if (typeof parent === "string" && said !== "") rememberCountedText(parent, said, mark);
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
