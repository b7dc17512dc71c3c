import { attempt } from "../shared/attempt.js";
import { isObject } from "../shared/isObject.js";
import { readMember } from "../shared/readMember.js";
import { classOf, describeFailure } from "./describeFailure.js";

/** This package's own folder, set by the build; undefined in a bundle, whose files are the application's. */
declare const OWN_FOLDER: string | undefined;

/** Maximum number of failures in one event, counting causes and members: the same limit as in posthog-node. */
const MAX_FAILURES = 50;
/** Maximum number of an aggregate's members read, duplicates included: the same limit as in posthog-node. */
const MAX_MEMBERS = 1_000;
/** Maximum depth of a prototype chain: a longer one is hostile. */
const MAX_CLASSES = 100;
/** Maximum number of stack lines read: a process that keeps longer stacks has recursed too deeply. */
const MAX_LINES = 1_000;

/** What a failure says about itself, read once into plain data; not redacted. */
export interface ExplainedFailure {
  readonly type: string;
  readonly message: string;
  /** Its stack frames, innermost first, without the message and this package's own; undefined without a stack. */
  readonly stack: string | undefined;
  /** Whether it is an error with its own stack, rather than some other value. */
  readonly isError: boolean;
  readonly cause: ExplainedFailure | undefined;
  /** The errors of an AggregateError. */
  readonly members: readonly ExplainedFailure[];
}

/**
 * Reads a failure, its causes and the members of aggregates, in the order in which posthog-node visits them. A
 * failure visited before is left out, and so are those beyond the limit.
 *
 * @param callSite The stack of the call that reported the failure, used when the failure has no stack of its own.
 */
export function explainFailure(failure: unknown, callSite?: string): ExplainedFailure {
  const met = new Set<unknown>();
  let count = 0;
  const isNew = (inner: unknown): boolean => count < MAX_FAILURES && !met.has(inner);
  const explain = (current: unknown): ExplainedFailure => {
    count++;
    if (isObject(current)) met.add(current);
    const { message, stack } = describeFailure(current);
    const site = count === 1 && callSite !== undefined ? framesOf(callSite, "") : undefined;
    const cause = readMember(current, "cause");
    return {
      // The class rather than the code: PostHog groups by the class.
      type: classOf(current),
      message,
      stack: stack === undefined ? site : framesOf(stack, message),
      isError: stack !== undefined,
      cause: Boolean(cause) && isNew(cause) ? explain(cause) : undefined,
      members: membersOf(current).flatMap((member) => (isNew(member) ? [explain(member)] : [])),
    };
  };
  return explain(failure);
}

/** The members of an AggregateError, known by class name, as it may be of another realm; other `errors` are data. */
function membersOf(failure: unknown): readonly unknown[] {
  const errors = readMember(failure, "errors");
  const length = attempt(() =>
    Array.isArray(errors) && isAggregate(failure) ? Math.min(errors.length, MAX_MEMBERS) : 0,
  );
  return Array.from({ length: length ?? 0 }, (_, index) => readMember(errors, index));
}

function isAggregate(failure: unknown): boolean {
  let current: unknown = failure;
  for (let depth = 0; isObject(current) && depth < MAX_CLASSES; depth++) {
    current = Object.getPrototypeOf(current);
    if (readMember(readMember(current, "constructor"), "name") === "AggregateError") return true;
  }
  return false;
}

const FRAME = /^\s*at /;

/**
 * The frames of a stack. V8 puts the name and the message before them, as they were when the error was created. If
 * the message has changed since, it is not found, and the frames are then the last lines that look like frames.
 */
export function framesOf(stack: string, message: string): string {
  const found = message === "" ? -1 : stack.indexOf(message);
  const isHead = found !== -1 && !stack.slice(0, found).includes("\n");
  const rest = stack.slice(isHead ? found + message.length : 0);
  const head = rest.indexOf("\n");
  if (head === -1) return "";
  const lines = rest.slice(head + 1).split("\n", MAX_LINES);
  const begin = isHead ? 0 : lines.findLastIndex((line) => !FRAME.test(line)) + 1;
  return lines.slice(begin).filter(isTheirFrame).join("\n");
}

function isTheirFrame(line: string): boolean {
  if (!FRAME.test(line)) return false;
  if (typeof OWN_FOLDER !== "string") return true;
  const at = line.indexOf(OWN_FOLDER);
  return at === -1 || !"/\\".includes(line.charAt(at + OWN_FOLDER.length));
}
