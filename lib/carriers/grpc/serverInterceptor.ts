import type { ServerInterceptingCall, ServerInterceptor } from "@grpc/grpc-js";
import type { GrpcInterceptorOptions } from "./GrpcInterceptorOptions.js";
import { tracedMethod } from "./tracedMethod.js";
import { traceServerCall } from "./traceServerCall.js";

/**
 * Makes an interceptor for `new Server({ interceptors: [serverInterceptor()] })` of @grpc/grpc-js: every call gets a
 * SERVER span under the caller's, in whose context the handler and all its listeners run. Put it first, so that it
 * also sees the deadlines and serialisation failures which other interceptors never hear of.
 *
 * Without telemetry (not registered, or both pipes off) calls pass untouched. A method that no service registered is
 * answered by grpc-js before any interceptor runs, so only the client has a span for it.
 */
export function serverInterceptor(options: GrpcInterceptorOptions = {}): ServerInterceptor {
  return (definition, call) => {
    const traced = tracedMethod(definition.path, options);
    if (traced !== undefined) traceServerCall(traced, definition.responseStream, call, options);
    // grpc-js asks for its class in the types only: it calls the interface's methods on whatever comes back.
    return call as unknown as ServerInterceptingCall;
  };
}
