import { context, trace } from "@opentelemetry/api";
import { acceptMark, countedMark, markCounted } from "../../failures/mark.js";
import { rememberCountedText } from "../../failures/settleFailure.js";
import { globalState } from "../../shared/globalState.js";
import { isObject } from "../../shared/isObject.js";
import { PAYLOAD_MARK_KEY } from "../payloadKeys.js";

/** Members of a message that are looked at: an answer is small at its top. */
const MAX_MEMBERS = 16;

/** The names under which messages hold their failures; an Error counts under any name. */
const FAILURE_NAMES: ReadonlySet<string> = new Set(["error", "Error", "err", "failure", "reason"]);

/**
 * The mark of the counted failure that a message is about to carry: an Error or thrown object that was
 * counted, or the text of one that was counted just below the active span.
 */
export function markToSend(payload: object): string | undefined {
  const spanId = trace.getSpanContext(context.active())?.spanId;
  const below = spanId === undefined ? undefined : globalState().childFailures.get(spanId);
  for (const failure of failuresIn(payload)) {
    const mark =
      countedMark(failure) ??
      (below !== undefined && textOf(failure) === below.text ? below.mark : undefined);
    if (mark !== undefined) return mark;
  }
  return undefined;
}

/**
 * Takes over the mark of a message that arrived in the trace of `spanId`: the failures in it are counted,
 * also when the receiver makes an Error of its own from their text.
 */
export function adoptReceivedMark(payload: object, traceId: string, spanId: string): void {
  const mark = acceptMark((payload as Record<string, unknown>)[PAYLOAD_MARK_KEY], traceId);
  if (mark === undefined) return;
  for (const failure of failuresIn(payload)) {
    markCounted(failure, mark);
    const text = textOf(failure);
    if (text !== undefined && text !== "") rememberCountedText(spanId, text, mark);
  }
}

function failuresIn(payload: object): unknown[] {
  const failures: unknown[] = [];
  for (const key of Object.keys(payload).slice(0, MAX_MEMBERS)) {
    // The descriptor, since a getter of the caller's would run once more than without us.
    const value: unknown = Object.getOwnPropertyDescriptor(payload, key)?.value;
    if (value instanceof Error || (FAILURE_NAMES.has(key) && value !== null && value !== undefined))
      failures.push(value);
  }
  return failures;
}

function textOf(failure: unknown): string | undefined {
  const text: unknown = isObject(failure) ? (failure as { message?: unknown }).message : failure;
  return typeof text === "string" ? text : undefined;
}
