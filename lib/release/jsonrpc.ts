import type { MessageReader, MessageStrategy, MessageWriter } from "vscode-jsonrpc";
import type { CarrierOptions } from "../carriers/jsonrpc/CarrierOptions.js";
import type { TracedFrames } from "../carriers/jsonrpc/traceFrames.js";
import type {
  TraceConnectionOptions,
  TracedConnection,
} from "../carriers/jsonrpc/traceConnection.js";

const PASS_ON: MessageStrategy = { handleMessage: (message, next) => next(message) };

/** Returns the reader and writer, with the message strategy of the options or one that passes every message on. */
export function traceConnection<R extends MessageReader, W extends MessageWriter>(
  reader: R,
  writer: W,
  options?: TraceConnectionOptions,
): TracedConnection<R, W> {
  return /* @__PURE__ */ connectionOf(reader, writer, options);
}

function connectionOf<R extends MessageReader, W extends MessageWriter>(
  reader: R,
  writer: W,
  options?: TraceConnectionOptions,
): TracedConnection<R, W> {
  return { reader, writer, messageStrategy: options?.messageStrategy ?? PASS_ON };
}

/** Returns functions that pass frames on unchanged. */
export function traceFrames(options?: CarrierOptions): TracedFrames;
export function traceFrames(): TracedFrames {
  return /* @__PURE__ */ untracedFrames();
}

function untracedFrames(): TracedFrames {
  return {
    send: (frame) => frame,
    receive: (frame, handler) => handler(frame),
    close: () => undefined,
  };
}
