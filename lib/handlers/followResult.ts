import { followPromise } from "../shared/followPromise.js";
import { isObject } from "../shared/isObject.js";
import { isThenable } from "../shared/isThenable.js";
import { followIterator } from "./followIterator.js";
import { followReadable } from "./followReadable.js";
import { followWebStream } from "./followWebStream.js";
import type { Operation } from "./Operation.js";

/**
 * Ends a handler's run when its result is complete: at once for a plain value, at its settling for a
 * promise, and at the last step for a generator or a stream, also when a promise resolves to one. Gives
 * back the result to hand on.
 */
export function followResult(
  result: unknown,
  operation: Operation,
  failureOf: (result: unknown) => unknown,
): unknown {
  if (isThenable(result)) {
    return followPromise(
      result,
      (value) => {
        settle(value, operation, failureOf);
        return value;
      },
      (failure) => operation.fail(failure),
    );
  }
  settle(result, operation, failureOf);
  return result;
}

function settle(
  value: unknown,
  operation: Operation,
  failureOf: (result: unknown) => unknown,
): void {
  if (isObject(value) && followsOn(value, operation)) return;
  const failure = failureOf(value);
  if (failure === undefined) operation.succeed();
  else operation.fail(failure);
}

/** Whether the value goes on producing, and is now followed to its end. */
function followsOn(value: object, operation: Operation): boolean {
  try {
    return (
      followIterator(value, operation) ||
      followReadable(value, operation) ||
      followWebStream(value, operation)
    );
  } catch {
    // Frozen, or a proxy that refuses: the run counts as over with its return.
    return false;
  }
}
