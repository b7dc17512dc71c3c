import { context, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { isPlainPayload } from "../payloads.js";
import { extract, inject } from "../headers.js";
import type { CarrierOptions } from "./CarrierOptions.js";
import { carrierOf } from "./CarrierOptions.js";
import { Connection } from "./Connection.js";
import { classify, withMembers } from "./JsonRpcMessage.js";

/** Both directions of one connection. The functions may be passed on without this object. */
export interface TracedFrames {
  /** Returns the frame to send in place of one that is about to be sent. */
  readonly send: <F>(frame: F) => F;
  /** Calls the handler with a frame that has arrived, in the context of its span, and returns its result. */
  readonly receive: <F, R>(frame: F, handler: (frame: F) => R) => R;
  /** The connection is closed: requests without a response fail at the caller and are cancelled at the handler. */
  readonly close: () => void;
}

/**
 * Traces frames while they are objects, before they become JSON or after they are parsed: those of a WebSocket, a pipe
 * or a stream of envelopes, or the messages of the Model Context Protocol.
 *
 * ```ts
 * const frames = traceFrames();
 * const send = (frame: object) => socket.send(JSON.stringify(frames.send(frame)));
 * socket.onmessage = ({ data }) => frames.receive(JSON.parse(data), handle);
 * socket.onclose = frames.close;
 * ```
 *
 * As in JSON-RPC, a frame with `method` is a request or, without an `id`, a notification, and a frame with only an `id`
 * is a response; they make the spans of {@link traceConnection}. Other objects make no span: they carry the sender's
 * context at the top (`message` carrier only), in which their handler runs. Strings, bytes and arrays pass untouched.
 *
 * Frames are copied, never changed. Without `register` no spans are made, and JSON-RPC frames pass as they are. Only a
 * handler can throw.
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
