import { attempt } from "../shared/attempt.js";
import { globalState } from "../shared/globalState.js";
import { isObject } from "../shared/isObject.js";
import { causesOf } from "./describeFailure.js";
import { readMember } from "../shared/readMember.js";

/**
 * A failure that was counted in one tier also surfaces in the tiers above it. The mark travels with the response,
 * beside the data, and says "already counted": `<trace id>-<span id>` of the span that was counted. It is valid for
 * one trace only. A cancellation's mark has `cancelled` in place of the span id, and is one in the tiers above too.
 */
const MARK = /^([0-9a-f]{32})-(?:[0-9a-f]{16}|cancelled)$/;
const MAX_MARK_LENGTH = 49;
const CANCELLED = "cancelled";
/** An AggregateError with more errors than this is not searched for marks. */
const MAX_AGGREGATED = 32;

/** The name of the message member, metadata key or payload key that carries the mark: `land-counted`. */
export const MARK_KEY = "land-counted";

export function formatMark(traceId: string, spanId: string): string {
  return `${traceId}-${spanId}`;
}

/** The mark of a cancellation in this trace. */
export function cancelledMark(traceId: string): string {
  return `${traceId}-${CANCELLED}`;
}

export function isCancelledMark(mark: string | undefined): boolean {
  return mark?.endsWith(CANCELLED) === true;
}

/** The mark if it is well formed and belongs to this trace, otherwise undefined. Never throws. */
export function acceptMark(value: unknown, traceId: string): string | undefined {
  if (typeof value !== "string" || value.length > MAX_MARK_LENGTH) return undefined;
  return MARK.exec(value)?.[1] === traceId ? value : undefined;
}

/** The mark to send with the response of a span that has ended as counted or cancelled, otherwise undefined. */
export function outgoingMark(span: object): string | undefined {
  return globalState().spanMarks.get(span);
}

/**
 * Takes over a mark that came with a response: the local span and the local failure object (when there is one) are
 * then treated as already counted. Returns whether the mark was accepted. Call it before the span ends.
 */
export function adoptMark(
  value: unknown,
  span: object,
  traceId: string,
  failure?: unknown,
): boolean {
  const mark = acceptMark(value, traceId);
  if (mark === undefined) return false;
  globalState().spanMarks.set(span, mark);
  markCounted(failure, mark);
  return true;
}

/** Records a failure as counted under a mark; primitives have no identity and are ignored. */
export function markCounted(failure: unknown, mark: string): void {
  if (isObject(failure)) globalState().countedFailures.set(failure, mark);
}

/**
 * The mark under which a failure was counted, or undefined when it was not. A failure is also counted when
 * one of its causes was, an AggregateError when all of its errors were, and a gRPC ServiceError when its
 * metadata was: the call's span ends, and is counted, before grpc-js makes the error.
 */
export function countedMark(failure: unknown): string | undefined {
  for (const cause of causesOf(failure)) {
    const mark = ownMark(cause) ?? ownMark(readMember(cause, "metadata")) ?? aggregatedMark(cause);
    if (mark !== undefined) return mark;
  }
  return undefined;
}

function ownMark(value: unknown): string | undefined {
  return isObject(value) ? globalState().countedFailures.get(value) : undefined;
}

/** The mark of an aggregate whose errors all have one: the last that is not a cancellation, otherwise the last. */
function aggregatedMark(failure: unknown): string | undefined {
  const errors = readMember(failure, "errors");
  const marks = attempt(() =>
    Array.isArray(errors) && errors.length <= MAX_AGGREGATED ? errors.map(ownMark) : [undefined],
  ) ?? [undefined];
  if (marks.includes(undefined)) return undefined;
  return marks.findLast((mark) => !isCancelledMark(mark)) ?? marks.at(-1);
}
