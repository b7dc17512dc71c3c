import { errorMonitor } from "node:events";
import type { Readable } from "node:stream";
import { isCancellation } from "../failures/cancellation.js";
import { hideMember } from "../carriers/hideMember.js";
import type { Operation } from "./Operation.js";

/**
 * Follows a Node Readable to its end, its error, or its being destroyed early. Its reads run in the
 * handler's context. It is only watched: no listener of ours makes it flow or keeps an error from being
 * unhandled.
 */
export function followReadable(value: object, operation: Operation): boolean {
  if (!isReadable(value)) return false;
  if (value.destroyed || value.readableEnded) {
    endOf(value, operation);
    return true;
  }
  const read: unknown = Reflect.get(value, "_read");
  hideMember(value, "_read", function (this: Readable, size: number): void {
    operation.run(() => (read as Readable["_read"]).call(this, size));
  });
  value.on(errorMonitor, (error: Error) => fail(error, operation));
  value.on("end", () => operation.succeed());
  value.on("close", () => endOf(value, operation));
  return true;
}

function endOf(stream: Readable, operation: Operation): void {
  if (stream.errored == null) operation.succeed();
  else fail(stream.errored, operation);
}

/** A consumer that leaves early makes Node destroy the stream with an AbortError that names no reason. */
function fail(error: Error & { code?: unknown }, operation: Operation): void {
  const leftEarly = error.code === "ABORT_ERR" && error.cause === undefined;
  if (leftEarly && !isCancellation(error, operation.context)) operation.succeed();
  else operation.fail(error);
}

function isReadable(value: object): value is Readable {
  const { pipe, on, read, _read, _readableState } = value as Record<string, unknown>;
  return (
    [pipe, on, read, _read].every((member) => typeof member === "function") &&
    typeof _readableState === "object"
  );
}
