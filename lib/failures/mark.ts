import { globalState } from "../shared/globalState.js";
import { markCounted } from "./countedFailures.js";

/**
 * A failure that was counted in one tier surfaces in the tiers above it. The mark travels with the response,
 * beside the data, and says "already counted": `<trace id>-<span id>` of the span that was counted. It holds
 * for one trace only.
 */
const MARK = /^([0-9a-f]{32})-([0-9a-f]{16})$/;
const MARK_LENGTH = 49;

/** The member, metadata or payload key that carries the mark: `land-counted`. */
export const MARK_KEY = "land-counted";

export function formatMark(traceId: string, spanId: string): string {
  return `${traceId}-${spanId}`;
}

/** The mark if it is well formed and belongs to this trace, else undefined. Never throws. */
export function acceptMark(value: unknown, traceId: string): string | undefined {
  if (typeof value !== "string" || value.length !== MARK_LENGTH) return undefined;
  return MARK.exec(value)?.[1] === traceId ? value : undefined;
}

/** The mark to send with the response of a span that has ended with a counted failure, else undefined. */
export function outgoingMark(span: object): string | undefined {
  return globalState().spanMarks.get(span);
}

/**
 * Takes over a mark that came with a response: the local span and the local failure object (when there is
 * one) are then counted already. Returns whether the mark was accepted. Call it before the span ends.
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
