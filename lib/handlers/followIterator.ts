import { followPromise } from "../shared/followPromise.js";
import { isThenable } from "../shared/isThenable.js";
import { hideMember } from "../carriers/hideMember.js";
import type { Operation } from "./Operation.js";

type Step = (this: unknown, ...args: unknown[]) => unknown;

/** Absent from the types of the oldest Node that is supported, and from some of its values. */
const { asyncDispose, dispose } = Symbol as unknown as Record<
  "asyncDispose" | "dispose",
  symbol | undefined
>;

/**
 * Follows a generator, sync or async, or any iterator that can be iterated: each step runs in the handler's
 * context, whoever asks for it, while the consumer keeps its own. The run is over when a step says so, when
 * a step fails, and when the consumer stops early.
 *
 * The steps are bound on the generator itself, so that the consumer gets the object the handler made.
 */
export function followIterator(value: object, operation: Operation): boolean {
  if (!isIterator(value)) return false;
  if (!bindStep(value, "next", operation, isLast)) return false;
  bindStep(value, "return", operation, isLast);
  bindStep(value, "throw", operation, isLast);
  if (dispose !== undefined) bindStep(value, dispose, operation, () => true);
  if (asyncDispose !== undefined) bindStep(value, asyncDispose, operation, () => true);
  return true;
}

function isIterator(value: object): boolean {
  if (typeof (value as { next?: unknown }).next !== "function") return false;
  return Symbol.asyncIterator in value || Symbol.iterator in value;
}

function isLast(step: unknown): boolean {
  return (step as IteratorResult<unknown> | undefined)?.done === true;
}

function bindStep(
  value: object,
  key: PropertyKey,
  operation: Operation,
  ends: (step: unknown) => boolean,
): boolean {
  const step: unknown = Reflect.get(value, key);
  if (typeof step !== "function") return false;
  const finish = (result: unknown): unknown => {
    if (ends(result)) operation.succeed();
    return result;
  };
  const bound = function (this: unknown, ...args: unknown[]): unknown {
    let result: unknown;
    try {
      result = operation.run(() => (step as Step).apply(this, args));
    } catch (error) {
      operation.fail(error);
      throw error;
    }
    if (!isThenable(result)) return finish(result);
    return followPromise(result, finish, (failure) => operation.fail(failure));
  };
  return hideMember(value, key, bound);
}
