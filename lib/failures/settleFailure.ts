import { globalState } from "../shared/globalState.js";
import { causesOf } from "./describeFailure.js";
import { countedMark, formatMark, markCounted } from "./mark.js";
import { readMember } from "../shared/readMember.js";

/** Maximum number of parents remembered as having a counted child: a limit for roots that never end. */
const MAX_CHILD_FAILURES = 1_000;

/** A span that is about to end with error status. */
export interface FailedSpan {
  /** The span object, which is the key for marks. */
  readonly span: object;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** The failure's text, which identifies it from child to parent when it has no identity. */
  readonly text: string;
}

/**
 * Decides whether the failure of a span is counted here, as one event, or was counted already: at an inner span, by
 * `captureError`, or in the tier that the failure came from. Returns true only the first time.
 *
 * A thrown object is recognised by identity, including through `cause` and AggregateError. Anything else (a string, a
 * status without an exception, an error rebuilt from a response) is recognised by its text, and only between a child
 * span and its own parent, so that identical failures of siblings stay separate failures.
 */
export function settleFailure(failed: FailedSpan): boolean {
  const state = globalState();
  const failure = state.spanFailures.get(failed.span);
  const known =
    state.spanMarks.get(failed.span) ??
    countedMark(failure) ??
    inheritedMark(failed.spanId, failed.text, failure);
  state.childFailures.delete(failed.spanId);
  // A mark is valid for one trace only, but an error that was captured in another trace is not counted again.
  const mark =
    known?.startsWith(failed.traceId) === true ? known : formatMark(failed.traceId, failed.spanId);

  state.spanMarks.set(failed.span, mark);
  markCounted(failure, mark);
  if (failed.parentSpanId !== undefined)
    rememberCountedText(failed.parentSpanId, failed.text, mark);
  return known === undefined;
}

/** The mark that a child of this span left for its failure, if this is the same failure. */
export function inheritedMark(spanId: string, text: string, failure: unknown): string | undefined {
  const inherited = globalState().childFailures.get(spanId);
  if (inherited === undefined) return undefined;
  return inherited.text === text || isMessageOf(failure, inherited.text)
    ? inherited.mark
    : undefined;
}

/** Whether a failure or one of its causes has this message, which identifies an error rebuilt from a response. */
function isMessageOf(failure: unknown, text: string): boolean {
  return causesOf(failure).some((cause) => readMember(cause, "message") === text);
}

/**
 * Remembers for a span that a failure below it with this text was counted: in a child span, or in a tier whose
 * response brought the mark without an error object.
 */
export function rememberCountedText(parentSpanId: string, text: string, mark: string): void {
  const { childFailures } = globalState();
  if (childFailures.size >= MAX_CHILD_FAILURES) {
    const oldest = childFailures.keys().next();
    if (oldest.done !== true) childFailures.delete(oldest.value);
  }
  childFailures.set(parentSpanId, { text, mark });
}
