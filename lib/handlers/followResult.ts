import type { Readable } from "node:stream";
import { context } from "@opentelemetry/api";
import { isCancellation } from "../failures/cancellation.js";
import { interceptMethod } from "../shared/interceptMethod.js";
import { isObject } from "../shared/isObject.js";
import { followWebStream } from "./followWebStream.js";
import type { Operation } from "./Operation.js";

/** Missing from the types of the target, and from some supported versions of Node. */
const { asyncDispose, dispose } = Symbol as unknown as Record<string, symbol | undefined>;

/**
 * Ends a handler's run when its result is complete: at once for a plain value, and at the last step for a generator
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
    // Frozen, or a proxy that refuses: the run counts as over with its return.
  }
  operation.settle(value);
}

/**
 * Follows a generator, sync or async, or any iterator that can be iterated: each step runs in the handler's
 * context, whoever asks for it, while the consumer keeps its own. The run is over when a step says so, when
 * a step fails, and when the consumer stops early.
 *
 * The steps are bound on the generator itself, so that the consumer gets the object the handler made.
 */
function followIterator(value: object, operation: Operation): boolean {
  if (!(Symbol.asyncIterator in value || Symbol.iterator in value)) return false;
  const bindStep = (key: PropertyKey): boolean =>
    interceptMethod(value, key, (step, self, args) =>
      operation.run(
        () => step.apply(self, args),
        (result) => {
          // A dispose is the end, whatever it gives.
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
 * Follows a Node Readable to its end, its error, or its being destroyed early. Its reads run in the
 * handler's context. It is only watched as it emits: no listener of ours makes it flow, keeps an error from being
 * unhandled, is counted, or goes when the consumer removes all.
 */
function followReadable(value: object, operation: Operation): boolean {
  if (!isReadable(value)) return false;
  const end = (error: NodeJS.ErrnoException | null = value.errored): void => {
    // A consumer that leaves early makes Node destroy the stream with an AbortError that names no reason.
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
