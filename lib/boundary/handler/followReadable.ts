import { errorMonitor } from "node:events";
import type { Readable } from "node:stream";
import { hideMember } from "./hideMember.js";
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
  value.on(errorMonitor, (error) => operation.fail(error));
  value.on("end", () => operation.succeed());
  value.on("close", () => endOf(value, operation));
  return true;
}

function endOf(stream: Readable, operation: Operation): void {
  if (stream.errored == null) operation.succeed();
  else operation.fail(stream.errored);
}

function isReadable(value: object): value is Readable {
  const { pipe, on, read, _read, _readableState } = value as Record<string, unknown>;
  return [pipe, on, read, _read].every((member) => typeof member === "function") && typeof _readableState === "object";
}
