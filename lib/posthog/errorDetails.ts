import { nodeStackLineParser } from "@posthog/core/error-tracking";
import type { ErrorOrigin } from "../config/TelemetryOptions.js";
import type { ExplainedFailure } from "../failures/explainFailure.js";
import type { Redactor } from "../redaction/Redactor.js";
import { attempt } from "../shared/attempt.js";

/** Limit on the stack of an error event, in bytes. */
const MAX_STACK_BYTES = 8_192;
/** Limit on the stack of each cause and member, in bytes: each adds only the place where it was created. */
const MAX_CAUSE_STACK_BYTES = 1_024;
/** Limit on the causes and members of one error event. */
const MAX_CAUSES = 16;

/** The key that the host's `redact` function gets with a stack. */
const STACK_KEY = "error_stack";

/** The value of `error_origin` for each origin. */
const ORIGINS: Readonly<Record<ErrorOrigin, string>> = {
  captureError: "captureError",
  span: "span",
  uncaughtException: "uncaught",
  unhandledRejection: "rejection",
};

/** Whether an error of this origin was caught. What becomes of a span's error is not known, so it counts as caught. */
export function isHandled(origin: ErrorOrigin): boolean {
  return origin === "captureError" || origin === "span";
}

/** What an error event contains beside tag and message. */
export interface ErrorDetails {
  readonly properties: Readonly<Record<string, unknown>>;
  /** Already redacted: cutting a stack depends on whose its frames are, which redacted lines no longer show. */
  readonly redacted: Readonly<Record<string, unknown>>;
}

export function errorDetails(
  failure: ExplainedFailure,
  origin: ErrorOrigin,
  redactor: Redactor,
): ErrorDetails {
  const causes = causesOf(failure, redactor);
  return {
    properties: {
      error_type: failure.type,
      error_handled: isHandled(origin),
      error_origin: ORIGINS[origin],
    },
    redacted: {
      error_stack: stackOf(failure, MAX_STACK_BYTES, redactor),
      error_causes: causes.length === 0 ? undefined : causes,
    },
  };
}

/** Causes and members, each after its owner; `of` is the owner's place in the list from 1, or 0 for the error. */
function causesOf(failure: ExplainedFailure, redactor: Redactor): readonly object[] {
  const causes: object[] = [];
  const add = (inner: ExplainedFailure, relation: "cause" | "member", of: number): void => {
    if (causes.length >= MAX_CAUSES) return;
    causes.push({
      type: redactor.text(inner.type),
      message: redactor.text(inner.message),
      relation,
      of,
      stack: stackOf(inner, MAX_CAUSE_STACK_BYTES, redactor),
    });
    addAll(inner, causes.length);
  };
  const addAll = ({ cause, members }: ExplainedFailure, of: number): void => {
    if (cause !== undefined) add(cause, "cause", of);
    for (const member of members) add(member, "member", of);
  };
  addAll(failure, 0);
  return causes;
}

/** The frames that fit, in the order of the stack; the application's frames take precedence. */
function stackOf(
  { stack = "" }: ExplainedFailure,
  maxBytes: number,
  redactor: Redactor,
): string | undefined {
  if (stack === "") return undefined;
  const whole = stack.length > maxBytes ? undefined : redactor.text(stack, STACK_KEY);
  if (whole !== undefined && Buffer.byteLength(whole) <= maxBytes) return whole;
  const lines = stack.split("\n");
  const kept = new Map<number, string>();
  let left = maxBytes;
  for (const wanted of [true, false])
    for (const [index, line] of lines.entries()) {
      if (left <= 0 || isInApp(line) !== wanted) continue;
      const redacted = redactor.text(line, STACK_KEY);
      left -= Buffer.byteLength(redacted) + 1;
      if (left >= 0) kept.set(index, redacted);
    }
  return [...kept]
    .sort(([one], [other]) => one - other)
    .map(([, line]) => line)
    .join("\n");
}

/** Whether PostHog counts a line as the application's own, by its file name before redaction. */
function isInApp(line: string): boolean {
  return attempt(() => nodeStackLineParser(line, "node:javascript"))?.in_app === true;
}
