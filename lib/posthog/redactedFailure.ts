import { describeFailure } from "../failures/describeFailure.js";
import type { Redactor } from "../redaction/Redactor.js";
import { isObject } from "../shared/isObject.js";

/** Causes that are followed; a longer chain is hostile or circular. */
const MAX_DEPTH = 8;
/** Errors of one AggregateError that are kept. */
const MAX_ERRORS = 16;

/**
 * A copy of a failure, its causes and its aggregated errors, with redacted messages and stacks. Frames are parsed
 * out of the copy: a stack is redacted as a stack, with its file names kept, and a parser that takes a path apart
 * cannot bring anything back.
 */
export function redactedFailure(failure: unknown, redactor: Redactor, depth = 0): unknown {
  if (!isObject(failure)) return redactor.value(failure);
  const { type, message, stack } = describeFailure(failure);
  const errors = depth < MAX_DEPTH ? membersOf(failure) : undefined;
  const copies = errors
    ?.slice(0, MAX_ERRORS)
    .map((error) => redactedFailure(error, redactor, depth + 1));
  const copy =
    copies === undefined
      ? new Error(redactor.text(message))
      : new AggregateError(copies, redactor.text(message));
  copy.name = nameOf(failure) ?? type;
  copy.stack = stack === undefined ? `${copy.name}: ${copy.message}` : redactor.text(stack);
  const cause = read(failure, "cause");
  if (cause !== undefined && depth < MAX_DEPTH)
    copy.cause = redactedFailure(cause, redactor, depth + 1);
  return copy;
}

/** PostHog groups by the class of an error, so a `code` does not stand for it here. */
function nameOf(failure: object): string | undefined {
  const name = read(failure, "name");
  return typeof name === "string" && name !== "" ? name : undefined;
}

function membersOf(failure: object): readonly unknown[] | undefined {
  const errors = read(failure, "errors");
  return Array.isArray(errors) ? errors : undefined;
}

function read(failure: object, name: string): unknown {
  try {
    return (failure as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}
