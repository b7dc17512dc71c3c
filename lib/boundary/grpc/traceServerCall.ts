import type { ServerInterceptingCallInterface } from "@grpc/grpc-js";
import { context } from "@opentelemetry/api";
import { MARK_KEY } from "../../failure/mark.js";
import type { GrpcInterceptorOptions } from "./GrpcInterceptorOptions.js";
import { isServerError } from "./grpcStatus.js";
import type { TracedMethod } from "./tracedMethod.js";
import { ServerCallListener } from "./ServerCallListener.js";

type ServerStatus = Parameters<ServerInterceptingCallInterface["sendStatus"]>[0];

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
    sendStatus(listener === undefined ? status : endByStatus(listener, status));
  };
}

/** Ends the span with the status that is about to be sent, which then carries the mark of a counted failure. */
function endByStatus(listener: ServerCallListener, status: ServerStatus): ServerStatus {
  const { callSpan } = listener;
  if (callSpan === undefined || callSpan.hasEnded) return status;
  const mark = callSpan.end({
    code: status.code,
    details: status.details,
    failed: isServerError(status.code),
    cancelled: false,
    // A handler that hands on the error of its own client call sends that call's metadata.
    mark: status.metadata?.get(MARK_KEY)[0],
  });
  if (mark === undefined) return status;
  const metadata = status.metadata?.clone() ?? listener.newMetadata();
  metadata?.set(MARK_KEY, mark);
  return metadata === undefined ? status : { ...status, metadata };
}

