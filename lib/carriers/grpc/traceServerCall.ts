import type { ServerInterceptingCallInterface } from "@grpc/grpc-js";
import { context } from "@opentelemetry/api";
import type { GrpcInterceptorOptions } from "./GrpcInterceptorOptions.js";
import type { TracedMethod } from "./tracedMethod.js";
import { ServerCallListener } from "./ServerCallListener.js";

/**
 * Traces one call by replacing methods of the call object that grpc-js made for it. A wrapper around the call
 * would miss what the call sends by itself: the statuses of its deadline and of serialisation failures.
 */
export function traceServerCall(
  traced: TracedMethod,
  responseStream: boolean,
  call: ServerInterceptingCallInterface,
  options: GrpcInterceptorOptions,
): void {
  const start = call.start.bind(call);
  const sendStatus = call.sendStatus.bind(call);
  const sendMessage = call.sendMessage.bind(call);
  let listener: ServerCallListener | undefined;

  call.start = (next) => {
    listener = new ServerCallListener(traced, call, next, options);
    start(listener);
  };
  call.sendMessage = (message, callback) => {
    const span = listener?.callSpan;
    if (span === undefined) {
      sendMessage(message, callback);
      return;
    }
    span.noteResponse(message);
    // The callback of a stream's write reaches the handler (write callbacks, "drain").
    sendMessage(message, responseStream ? context.bind(span.context, callback) : callback);
  };
  call.sendStatus = (status) => {
    sendStatus(listener === undefined ? status : listener.endByStatus(status));
  };
}
