import type { ReadableByteStreamController, ReadableStreamController } from "node:stream/web";
import type { Method } from "../shared/interceptMethod.js";
import { interceptMethod } from "../shared/interceptMethod.js";
import type { Operation } from "./Operation.js";

/** The methods that read a ReadableStream. */
const READING = ["getReader", "values", "pipeTo", "pipeThrough", "tee", "cancel"];

/** The original `getReader` of a stream. */
interface Opener {
  (): ReadableStreamDefaultReader<unknown>;
  (options: { mode: "byob" }): ReadableStreamBYOBReader;
}

/**
 * Follows a web ReadableStream. Its source would run in the context of whoever reads it, so on first use the stream
 * is read through a second one, which pulls in the handler's context, one chunk per request. The consumer keeps the
 * object that the handler made, and its own context.
 */
export function followWebStream(value: object, operation: Operation): boolean {
  if (!isWebStream(value) || value.locked) return false;
  const open: Opener = value.getReader.bind(value);
  let relay: ReadableStream<unknown> | undefined;
  for (const key of [...READING, Symbol.asyncIterator]) {
    if (typeof Reflect.get(value, key) !== "function") continue;
    const entered = interceptMethod(value, key, (_method, _self, args) => {
      relay ??= makeRelay(open, operation);
      return (Reflect.get(relay, key) as Method).apply(relay, args);
    });
    if (!entered) return false;
  }
  Object.defineProperty(value, "locked", { configurable: true, get: () => relay?.locked ?? false });
  return true;
}

function isWebStream(value: object): value is ReadableStream<unknown> {
  const { getReader, pipeTo, cancel } = value as Record<string, unknown>;
  return [getReader, pipeTo, cancel].every((member) => typeof member === "function");
}

function makeRelay(open: Opener, operation: Operation): ReadableStream<unknown> {
  const bytes = isByteStream(open);
  const reader = open();
  const pull = (controller: ReadableStreamController<unknown>): Promise<void> =>
    operation.run(
      async () => {
        const { done, value } = await reader.read();
        if (!done) {
          controller.enqueue(value);
          return;
        }
        controller.close();
        // A pending read into a buffer of the reader's own is only settled by a response of zero bytes.
        if (bytes) (controller as ReadableByteStreamController).byobRequest?.respond(0);
        operation.succeed();
      },
      () => undefined,
    );
  const cancel = (reason: unknown): Promise<void> =>
    operation.run(
      () => reader.cancel(reason),
      () => operation.succeed(),
    );
  return bytes
    ? new ReadableStream({ pull, cancel, type: "bytes" })
    : new ReadableStream({ pull, cancel }, { highWaterMark: 0 });
}

function isByteStream(open: Opener): boolean {
  try {
    open({ mode: "byob" }).releaseLock();
    return true;
  } catch {
    return false;
  }
}
