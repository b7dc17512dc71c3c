import { globalState } from "../shared/globalState.js";
import { causesOf } from "./describeFailure.js";
import { countedMark, formatMark, markCounted } from "./mark.js";
import { readMember } from "../shared/readMember.js";

/** Parents that are remembered as having a counted child: a bound for roots that never end. */
const MAX_CHILD_FAILURES = 1_000;

/** A span that is about to end with error status. */
export interface FailedSpan {
  /** The span object, by which marks are kept. */
  readonly span: object;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** What the failure says; passes from child to parent where the failure has no identity. */
  readonly text: string;
}

/**
 * Decides whether the failure of a span is counted here, as one event, or was counted already: at an inner
 * span, by `captureError`, or in the tier that the failure came from. Returns true for the first time only.
 *
 * A thrown object is known by identity, through `cause` and AggregateError. Anything else (a string, a
 * status without an exception, an error rebuilt from a response) is known by its text, and only from a
 * child span to its own parent, so that equal failures of siblings stay separate failures.
 */
export function settleFailure(failed: FailedSpan): boolean {
  const state = globalState();
  const failure = state.spanFailures.get(failed.span);
  const known =
    state.spanMarks.get(failed.span) ??
    countedMark(failure) ??
    inheritedMark(failed.spanId, failed.text, failure);
  state.childFailures.delete(failed.spanId);
  // A mark holds for one trace; an error captured outside of this one is counted all the same.
  const mark =
    known?.startsWith(failed.traceId) === true ? known : formatMark(failed.traceId, failed.spanId);

  state.spanMarks.set(failed.span, mark);
  markCounted(failure, mark);
  if (failed.parentSpanId !== undefined)
    rememberCountedText(failed.parentSpanId, failed.text, mark);
  return known === undefined;
}

/** The mark that a child of this span has left for what it failed with, when this is it. */
export function inheritedMark(spanId: string, text: string, failure: unknown): string | undefined {
  const inherited = globalState().childFailures.get(spanId);
  if (inherited === undefined) return undefined;
  return inherited.text === text || isMessageOf(failure, inherited.text)
    ? inherited.mark
    : undefined;
}

/** Whether a failure or one of its causes has this message: an error rebuilt from a response is recognised by it. */
function isMessageOf(failure: unknown, text: string): boolean {
  return causesOf(failure).some((cause) => readMember(cause, "message") === text);
}

/**
 * Tells a span that a failure below it, which says this, was counted: in a child span, or in a tier whose
 * response brought the mark without an error of its own.
 */
export function rememberCountedText(parentSpanId: string, text: string, mark: string): void {
  const { childFailures } = globalState();
  if (childFailures.size >= MAX_CHILD_FAILURES) {
    const oldest = childFailures.keys().next();
    if (oldest.done !== true) childFailures.delete(oldest.value);
  }
  childFailures.set(parentSpanId, { text, mark });
}
