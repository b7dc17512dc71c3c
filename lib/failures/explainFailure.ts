import { attempt } from "../shared/attempt.js";
import { isObject } from "../shared/isObject.js";
import { readMember } from "../shared/readMember.js";
import { classOf, describeFailure } from "./describeFailure.js";

/** Where this package's own files are, put in by the build; undefined in a bundle, whose files are the application's. */
declare const OWN_FOLDER: string | undefined;

/** Failures of one event, causes and members together: as many as posthog-node takes. */
const MAX_FAILURES = 50;
/** Members of an aggregate that are looked at, among which some can stand twice: as many as posthog-node's. */
const MAX_MEMBERS = 1_000;
/** A longer chain of classes is hostile. */
const MAX_CLASSES = 100;
/** Lines of a stack that are looked at: a process that keeps longer ones has called itself too often. */
const MAX_LINES = 1_000;

/** What a failure says of itself, read once, as plain data; not redacted. */
export interface ExplainedFailure {
  readonly type: string;
  readonly message: string;
  /** The lines of its frames, innermost first, without the message and without those of this package; undefined when it has no stack. */
  readonly stack: string | undefined;
  /** Whether it is an error, with a stack of its own, and no other value. */
  readonly isError: boolean;
  readonly cause: ExplainedFailure | undefined;
  /** What an AggregateError is made of. */
  readonly members: readonly ExplainedFailure[];
}

/**
 * Reads a failure, its causes and the members of aggregates. One that is met again is left out, and so are those beyond
 * the bound, in the order in which posthog-node meets them.
 *
 * @param callSite The stack of the call that reported a value without one.
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
      // Not the code that a class has too: PostHog groups by the class.
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

/** The members of an AggregateError, by its class, which may be of another realm. An `errors` of other classes is data. */
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
 * The frames of a stack. V8 writes the name and the message before them, as they were when the error was made; a message
 * that has changed since is not found, and then the frames are the last lines that look like some.
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
