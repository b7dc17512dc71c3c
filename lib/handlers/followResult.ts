import type { Readable } from "node:stream";
import { context } from "@opentelemetry/api";
import { isCancellation } from "../failures/cancellation.js";
import { interceptMethod } from "../shared/interceptMethod.js";
import { isObject } from "../shared/isObject.js";
import { followWebStream } from "./followWebStream.js";
import type { Operation } from "./Operation.js";

/** Missing from the types of the compile target, and from some supported versions of Node. */
const { asyncDispose, dispose } = Symbol as unknown as Record<string, symbol | undefined>;

/**
 * Ends a handler's run when its result is complete: immediately for a plain value, at the last step for a generator
 * or a stream.
 */
export function followResult(value: unknown, operation: Operation): void {
  try {
    if (
      isObject(value) &&
      [followIterator, followReadable, followWebStream].some((follow) => follow(value, operation))
    )
      return;
  } catch {
    // A frozen object, or a proxy that refuses: the run ends when the handler returns.
  }
  operation.settle(value);
}

/**
 * Follows a generator, sync or async, or any other iterator that is itself iterable: each step runs in the handler's
 * context, whoever requests it, while the consumer keeps its own. The run ends when a step reports that it is done,
 * when a step fails, or when the consumer stops early.
 *
 * The steps are bound on the generator itself, so that the consumer gets the object that the handler made.
 */
function followIterator(value: object, operation: Operation): boolean {
  if (!(Symbol.asyncIterator in value || Symbol.iterator in value)) return false;
  const bindStep = (key: PropertyKey): boolean =>
    interceptMethod(value, key, (step, self, args) =>
      operation.run(
        () => step.apply(self, args),
        (result) => {
          // A dispose is the end, whatever it returns.
          const isLast = (result as { done?: unknown } | null | undefined)?.done === true;
          if (isLast || typeof key === "symbol") operation.succeed();
        },
      ),
    );
  if (!bindStep("next")) return false;
  for (const key of ["return", "throw", dispose, asyncDispose])
    if (key !== undefined) bindStep(key);
  return true;
}

/**
 * Follows a Node Readable until it ends, fails or is destroyed early. Its reads run in the handler's context. Its
 * `emit` is intercepted instead of adding listeners, which would make the stream flow, keep an error from being
 * unhandled, be counted, and be lost when the consumer removes all listeners.
 */
function followReadable(value: object, operation: Operation): boolean {
  if (!isReadable(value)) return false;
  const end = (error: NodeJS.ErrnoException | null = value.errored): void => {
    // When a consumer leaves early, Node destroys the stream with an AbortError that names no reason.
    const isBareAbort = error?.code === "ABORT_ERR" && error.cause === undefined;
    if (error == null || (isBareAbort && !isCancellation(error, operation.context)))
      operation.succeed();
    else operation.fail(error);
  };
  if (value.destroyed || value.readableEnded) {
    end();
    return true;
  }
  const followed = interceptMethod(value, "emit", (emit, self, args) => {
    const [event, error] = args;
    if (event === "error") end(error as NodeJS.ErrnoException);
    else if (event === "end") operation.succeed();
    else if (event === "close") end();
    return emit.apply(self, args);
  });
  if (!followed) return false;
  interceptMethod(value, "_read", (read, self, args) =>
    context.with(operation.context, read, self, ...args),
  );
  return true;
}

function isReadable(value: object): value is Readable {
  const { pipe, on, read, _read, _readableState } = value as Record<string, unknown>;
  return (
    [pipe, on, read, _read].every((member) => typeof member === "function") &&
    typeof _readableState === "object"
  );
}
