import { attempt } from "../shared/attempt.js";
import { isObject } from "../shared/isObject.js";
import { readMember } from "../shared/readMember.js";

/** The parts of a failure that spans and events carry. */
export interface FailureDescription {
  /** A code that is a text, such as `ENOENT`, else the error's class; see {@link classOf}. */
  readonly type: string;
  /** The message, possibly empty. */
  readonly message: string;
  readonly stack?: string;
}

/** The conventions' word for what has no better name: nothing of the failure can be read. */
const OTHER = "_OTHER";
/** The class of an object that has none. */
const PLAIN = "Object";
/** What the kind of an object stands behind: `[object Map]`. */
const TAG = "[object ";
/** Keys of an object that say what it is, as many as fit into one line. */
const MAX_KEYS = 10;
/** A longer chain of causes is hostile or circular. */
const MAX_CAUSES = 16;

/**
 * Describes anything that can be thrown, and survives throwing getters and proxies: a failure of the host's must
 * not become a failure of telemetry. An object without a message is described by its keys.
 */
export function describeFailure(failure: unknown): FailureDescription {
  if (!isObject(failure)) {
    const message = failure == null ? "" : (failure as string | number).toString();
    return { type: classOf(failure), message };
  }
  const code = readMember(failure, "code");
  const name = readMember(failure, "name");
  const type = isText(code) ? code : classOfObject(failure, name, code);
  const message = textOf(readMember(failure, "message"));
  const stack = textOf(readMember(failure, "stack"));
  if (stack !== "") return { type, message, stack };
  return { type, message: message || (isText(name) ? "" : keysOf(failure)) };
}

/**
 * The class of what was thrown: `name`, as errors of any realm have it, else its constructor's; `string`, `symbol` and
 * so on for what is no object. A `code` stands in for a class where there is none, as of gRPC's plain statuses.
 */
export function classOf(failure: unknown): string {
  if (!isObject(failure)) return failure === null ? "null" : typeof failure;
  return classOfObject(failure, readMember(failure, "name"), readMember(failure, "code"));
}

function classOfObject(failure: object, name: unknown, code: unknown): string {
  if (isText(name)) return name;
  const constructor = readMember(readMember(failure, "constructor"), "name");
  if (isText(constructor) && constructor !== PLAIN) return constructor;
  if (isText(code) || typeof code === "number") return String(code || PLAIN);
  return attempt(() => Object.prototype.toString.call(failure).slice(TAG.length, -1)) ?? OTHER;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** A failure, its cause, the cause of that, and so on. */
export function causesOf(failure: unknown): readonly unknown[] {
  const causes: unknown[] = [];
  let current = failure;
  while (current !== undefined && causes.length < MAX_CAUSES) {
    causes.push(current);
    current = readMember(current, "cause");
  }
  return causes;
}

/** What an object without a message has. The members of lists say nothing, and can be millions. */
function keysOf(value: object): string {
  const isList = (): boolean => Array.isArray(value) || ArrayBuffer.isView(value);
  const keys = attempt(() => (isList() ? [] : Object.keys(value).slice(0, MAX_KEYS))) ?? [];
  return keys.length === 0 ? "" : `an object with ${keys.join(", ")}`;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : "";
}
