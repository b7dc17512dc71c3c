import type { Context, Span } from "@opentelemetry/api";
import { diag } from "@opentelemetry/api";
import { endQuietly } from "../shared/quietSpan.js";
import { isCancellation, recordCancellation } from "./cancellation.js";
import { recordFailure } from "./recordFailure.js";

/**
 * Ends the span of an operation that threw or rejected: as cancelled when the failure is an abort through
 * the operation's own signal, else as failed. Never throws.
 */
export function closeFailed(span: Span, failure: unknown, context: Context): void {
  try {
    if (isCancellation(failure, context)) recordCancellation(span);
    else recordFailure(span, failure);
  } catch (error) {
    diag.error("land-telemetry: a failure could not be recorded", error);
  }
  endQuietly(span);
}
