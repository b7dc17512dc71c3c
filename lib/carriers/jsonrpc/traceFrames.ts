import { context, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { isPlainPayload } from "../payloads.js";
import { extract, inject } from "../headers.js";
import type { CarrierOptions } from "./CarrierOptions.js";
import { carrierOf } from "./CarrierOptions.js";
import { Connection } from "./Connection.js";
import { classify, withMembers } from "./JsonRpcMessage.js";

/** Both directions of one connection; the functions may be passed on without it. */
export interface TracedFrames {
  /** Gives the frame to send instead of one that is about to be sent. */
  readonly send: <F>(frame: F) => F;
  /** Calls the handler with a frame that has arrived, in the context of its span, and gives what the handler gives. */
  readonly receive: <F, R>(frame: F, handler: (frame: F) => R) => R;
  /** The connection is closed: requests without a response fail at the caller and are cancelled at the handler. */
  readonly close: () => void;
}

/**
 * Traces frames that are objects, before they become JSON and after: of a WebSocket, a pipe, a stream of envelopes, or
 * the messages of the Model Context Protocol.
 *
 * ```ts
 * const frames = traceFrames();
 * const send = (frame: object) => socket.send(JSON.stringify(frames.send(frame)));
 * socket.onmessage = ({ data }) => frames.receive(JSON.parse(data), handle);
 * socket.onclose = frames.close;
 * ```
 *
 * A frame with `method` is a request or, without an `id`, a notification, and one with an `id` alone a response, as in
 * JSON-RPC; they make the spans of {@link traceConnection}. Any other object makes no span: it carries the active context
 * at its top, and its handler runs in the context that it brought. Texts, bytes and arrays pass untouched.
 *
 * Frames are copied and never changed. Without `register` they pass as they are. Nothing here throws but a handler.
 */
export function traceFrames(options: CarrierOptions = {}): TracedFrames {
  const carrier = carrierOf(options, "traceFrames");
  const connection = new Connection(carrier);
  return {
    send(frame) {
      if (!isPlainPayload(frame)) return frame;
      if (classify(frame) !== undefined) {
        const { message, written } = connection.send(frame);
        written?.();
        return message;
      }
      const isCarrying = carrier === "message" && trace.getSpan(context.active()) !== undefined;
      return isCarrying ? withMembers(frame, inject({})) : frame;
    },
    receive(frame, handler) {
      if (!isPlainPayload(frame)) return handler(frame);
      if (classify(frame) !== undefined) {
        connection.receive(frame);
        return connection.dispatch(frame, handler);
      }
      const caller = carrier === "message" ? extract(frame, ROOT_CONTEXT) : ROOT_CONTEXT;
      return trace.getSpan(caller) === undefined
        ? handler(frame)
        : context.with(caller, handler, undefined, frame);
    },
    close: () => connection.lose(),
  };
}
