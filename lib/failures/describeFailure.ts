import { attempt } from "../shared/attempt.js";
import { isObject } from "../shared/isObject.js";
import { readMember } from "../shared/readMember.js";

/** The parts of a failure that are put on spans and events. */
export interface FailureDescription {
  /** The `code` if it is a string, such as `ENOENT`, otherwise the error's class; see {@link classOf}. */
  readonly type: string;
  /** The message, possibly empty. */
  readonly message: string;
  readonly stack?: string;
}

/** The conventions' fallback value: nothing of the failure can be read. */
const OTHER = "_OTHER";
/** The class of an object that has no other. */
const PLAIN = "Object";
/** What precedes the kind of an object in its string form: `[object Map]`. */
const TAG = "[object ";
/** Maximum number of keys used to describe an object: as many as fit on one line. */
const MAX_KEYS = 10;
/** Maximum number of causes followed: a longer chain is hostile or circular. */
const MAX_CAUSES = 16;

/**
 * Describes anything that can be thrown, and survives throwing getters and proxies: a failure in the host must not
 * become a failure of telemetry. An object without a message is described by its keys.
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
 * The class of what was thrown: its `name`, which errors of any realm have, otherwise its constructor's; for a
 * primitive, its type. A `code` stands in where there is no class, as in gRPC's plain statuses.
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

/** A failure, its cause, the cause of that and so on. */
export function causesOf(failure: unknown): readonly unknown[] {
  const causes: unknown[] = [];
  let current = failure;
  while (current !== undefined && causes.length < MAX_CAUSES) {
    causes.push(current);
    current = readMember(current, "cause");
  }
  return causes;
}

/** The keys of an object without a message. Those of a list say nothing, and there can be millions of them. */
function keysOf(value: object): string {
  const isList = (): boolean => Array.isArray(value) || ArrayBuffer.isView(value);
  const keys = attempt(() => (isList() ? [] : Object.keys(value).slice(0, MAX_KEYS))) ?? [];
  return keys.length === 0 ? "" : `an object with ${keys.join(", ")}`;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : "";
}
