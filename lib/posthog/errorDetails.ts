import { nodeStackLineParser } from "@posthog/core/error-tracking";
import type { ErrorOrigin } from "../config/TelemetryOptions.js";
import type { ExplainedFailure } from "../failures/explainFailure.js";
import type { Redactor } from "../redaction/Redactor.js";
import { attempt } from "../shared/attempt.js";

/** The stack of an error event, in bytes. */
const MAX_STACK_BYTES = 8_192;
/** The stack of each cause and member, in bytes: the place where it was made is what it adds. */
const MAX_CAUSE_STACK_BYTES = 1_024;
/** Causes and members of one error event. */
const MAX_CAUSES = 16;

/** The key under which a function of the host's is asked about a stack. */
const STACK_KEY = "error_stack";

/** How the events name where an error came from. */
const ORIGINS: Readonly<Record<ErrorOrigin, string>> = {
  captureError: "captureError",
  span: "span",
  uncaughtException: "uncaught",
  unhandledRejection: "rejection",
};

/** Whether somebody caught an error of this origin. What becomes of one that a span saw is not known there. */
export function isHandled(origin: ErrorOrigin): boolean {
  return origin === "captureError" || origin === "span";
}

/** What an error event says beside tag and message. */
export interface ErrorDetails {
  readonly properties: Readonly<Record<string, unknown>>;
  /** Those that are redacted already: a stack is cut by what is the application's, which is gone afterwards. */
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

/** Causes and members, each after the one that it belongs to; `of` is the place of that in the list, 0 the error itself. */
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

/** The frames that fit, those of the application before others, in the order of the stack. */
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

/** PostHog's own judgement, from the file as it is before redaction. */
function isInApp(line: string): boolean {
  return attempt(() => nodeStackLineParser(line, "node:javascript"))?.in_app === true;
}
