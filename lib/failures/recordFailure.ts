import type { Context, Span, TimeInput } from "@opentelemetry/api";
import { SpanStatusCode } from "@opentelemetry/api";
import {
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
} from "@opentelemetry/semantic-conventions";
import { ATTR_LAND_ERROR_TAG } from "../resource/semanticConventions.js";
import { globalState } from "../shared/globalState.js";
import { endQuietly } from "../shared/quietSpan.js";
import { isCancellation, recordCancellation } from "./cancellation.js";
import { describeFailure } from "./describeFailure.js";
import { report } from "../shared/report.js";

/**
 * Marks a span as failed: adds an exception event, sets `error.type` and the status ERROR with the message, and
 * remembers the failure itself, so that it is counted as one event however many spans it passes through. The
 * exception event has the current time, or `time` when the span's work is already over.
 */
export function recordFailure(
  span: Span,
  failure: unknown,
  errorType?: string,
  time?: TimeInput,
): void {
  if (!span.isRecording()) return;
  const { type, message, stack } = describeFailure(failure);
  // A plain object: the SDK itself reads `code`, `name`, `message` and `stack`, and a hostile getter on the original
  // would throw into the caller there.
  span.recordException({ name: type, message, ...(stack === undefined ? {} : { stack }) }, time);
  rememberFailure(span, failure);
  span.setAttribute(ATTR_ERROR_TYPE, errorType ?? type);
  span.setStatus(
    message === "" ? { code: SpanStatusCode.ERROR } : { code: SpanStatusCode.ERROR, message },
  );
}

/**
 * Records an error that was captured while a span is active. Neither the span's status nor its remembered failure
 * changes: whether the error makes the span fail is for the caller to decide.
 */
export function recordCaptured(span: Span | undefined, tag: string, failure: unknown): void {
  if (span?.isRecording() !== true) return;
  const { type, message, stack } = describeFailure(failure);
  // Not `recordException`: the last exception passed to it is taken to be what the span failed with.
  span.addEvent("exception", {
    [ATTR_EXCEPTION_TYPE]: type,
    [ATTR_EXCEPTION_MESSAGE]: message,
    ...(stack === undefined ? {} : { [ATTR_EXCEPTION_STACKTRACE]: stack }),
    [ATTR_LAND_ERROR_TAG]: tag,
  });
}

/** Remembers the failure that a span last recorded; the mirror looks it up when the span ends. */
export function rememberFailure(span: object, failure: unknown): void {
  globalState().spanFailures.set(span, failure);
}

/**
 * Ends the span of an operation that threw or rejected: as cancelled when the failure is a cancellation in this
 * context (see `isCancellation`), otherwise as failed. Returns whether it was cancelled. Never throws.
 */
export function closeFailed(span: Span, failure: unknown, context: Context): boolean {
  let isCancelled = false;
  try {
    isCancelled = isCancellation(failure, context);
    if (isCancelled) recordCancellation(span, failure);
    else recordFailure(span, failure);
  } catch (error) {
    report("error", "a failure could not be recorded", error);
  }
  endQuietly(span);
  return isCancelled;
}
