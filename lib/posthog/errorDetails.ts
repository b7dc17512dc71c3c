import { nodeStackLineParser } from "@posthog/core/error-tracking";
import type { ErrorOrigin } from "../config/TelemetryOptions.js";
import type { ExplainedFailure } from "../failures/explainFailure.js";
import { attempt } from "../shared/attempt.js";

/** The stack of an error event, in bytes: 8 kB, less what the labels of redaction can be longer than what they stand for. */
const MAX_STACK_BYTES = 7_680;
/** The stack of each cause and member, in bytes: the place where it was made is what it adds. */
const MAX_CAUSE_STACK_BYTES = 1_024;
/** Causes and members of one error event. */
const MAX_CAUSES = 16;

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

/** What an error event says beside tag and message; not redacted. */
export function errorDetails(
  failure: ExplainedFailure,
  origin: ErrorOrigin,
): Record<string, unknown> {
  const causes = causesOf(failure);
  return {
    error_type: failure.type,
    error_stack: stackOf(failure, MAX_STACK_BYTES),
    error_causes: causes.length === 0 ? undefined : causes,
    error_handled: isHandled(origin),
    error_origin: ORIGINS[origin],
  };
}

/** Causes and members, each after the one that it belongs to; `of` is the place of that in the list, 0 the error itself. */
function causesOf(failure: ExplainedFailure): readonly object[] {
  const causes: object[] = [];
  const add = (inner: ExplainedFailure, relation: "cause" | "member", of: number): void => {
    if (causes.length >= MAX_CAUSES) return;
    const { type, message } = inner;
    causes.push({ type, message, relation, of, stack: stackOf(inner, MAX_CAUSE_STACK_BYTES) });
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
function stackOf({ stack = "" }: ExplainedFailure, maxBytes: number): string | undefined {
  if (Buffer.byteLength(stack) <= maxBytes) return stack === "" ? undefined : stack;
  const lines = stack.split("\n");
  const kept = new Set<number>();
  let left = maxBytes;
  for (const wanted of [true, false])
    lines.forEach((line, index) => {
      if (isInApp(line) === wanted && (left -= Buffer.byteLength(line) + 1) >= 0) kept.add(index);
    });
  return lines.filter((_line, index) => kept.has(index)).join("\n");
}

/** PostHog's own judgement, from the file as it is before redaction. */
function isInApp(line: string): boolean {
  return attempt(() => nodeStackLineParser(line, "node:javascript"))?.in_app === true;
}
