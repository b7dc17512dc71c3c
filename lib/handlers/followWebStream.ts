import type {
  ReadableByteStreamController,
  ReadableStreamController,
  UnderlyingByteSource,
  UnderlyingSource,
} from "node:stream/web";
import { hideMember } from "../carriers/hideMember.js";
import type { Operation } from "./Operation.js";

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Controller = ReadableStreamController<unknown>;

/** The ways into a ReadableStream. */
const WAYS_IN = [
  "getReader",
  "values",
  Symbol.asyncIterator,
  "pipeTo",
  "pipeThrough",
  "tee",
  "cancel",
] as const;

/** A stream's own `getReader`, from before its ways in were replaced. */
interface Opener {
  (): ReadableStreamDefaultReader<unknown>;
  (options: { mode: "byob" }): ReadableStreamBYOBReader;
}

/**
 * Follows a web ReadableStream. Its source would run in the context of whoever reads; so at the first use
 * the stream is read through a second one, which pulls in the handler's context, one chunk when asked for
 * one. The consumer keeps the object the handler made, and its own context.
 */
export function followWebStream(value: object, operation: Operation): boolean {
  if (!isWebStream(value) || value.locked) return false;
  const open: Opener = value.getReader.bind(value);
  let relay: ReadableStream<unknown> | undefined;

  for (const key of WAYS_IN) {
    if (typeof Reflect.get(value, key) !== "function") continue;
    const enter = function (...args: unknown[]): unknown {
      relay ??= makeRelay(open, operation);
      return (Reflect.get(relay, key) as Method).apply(relay, args);
    };
    if (!hideMember(value, key, enter)) return false;
  }
  Object.defineProperty(value, "locked", { configurable: true, get: () => relay?.locked ?? false });
  return true;
}

function isWebStream(value: object): value is ReadableStream<unknown> {
  const { getReader, pipeTo, cancel } = value as Record<string, unknown>;
  return (
    typeof getReader === "function" && typeof pipeTo === "function" && typeof cancel === "function"
  );
}

function makeRelay(open: Opener, operation: Operation): ReadableStream<unknown> {
  const bytes = isByteStream(open);
  const reader = open();
  const pull = async (controller: Controller): Promise<void> => {
    try {
      const { done, value } = await operation.run(() => reader.read());
      if (!done) {
        controller.enqueue(value);
        return;
      }
      controller.close();
      // A waiting reader that brought its own buffer is only let go by an answer.
      if (bytes) (controller as ReadableByteStreamController).byobRequest?.respond(0);
      operation.succeed();
    } catch (error) {
      operation.fail(error);
      throw error;
    }
  };
  const cancel = async (reason: unknown): Promise<void> => {
    try {
      await operation.run(() => reader.cancel(reason));
      operation.succeed();
    } catch (error) {
      operation.fail(error);
      throw error;
    }
  };
  if (bytes) {
    const source: UnderlyingByteSource = { pull, cancel, type: "bytes" };
    return new ReadableStream(source);
  }
  const source: UnderlyingSource<unknown> = { pull, cancel };
  return new ReadableStream(source, { highWaterMark: 0 });
}

function isByteStream(open: Opener): boolean {
  try {
    open({ mode: "byob" }).releaseLock();
    return true;
  } catch {
    return false;
  }
}
