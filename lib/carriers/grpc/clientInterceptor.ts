import type { InterceptingCall, Interceptor } from "@grpc/grpc-js";
import type { GrpcInterceptorOptions } from "./GrpcInterceptorOptions.js";
import { traceClientCall } from "./traceClientCall.js";
import { tracedMethod } from "./tracedMethod.js";

/**
 * Makes an interceptor for the `interceptors` option of a @grpc/grpc-js client: every call gets a CLIENT span under
 * the active one, and carries its context in a copy of the caller's metadata. Callbacks and stream events come back
 * in the caller's context. One call is one span; who retries above it wraps the attempts in a span of their own.
 *
 * Interceptors given with a single call replace those of the client (grpc-js): add this one there too.
 * Without telemetry (not registered, or both pipes off) calls pass untouched. A closed client throws before there is
 * a call, and so without a span.
 */
export function clientInterceptor(options: GrpcInterceptorOptions = {}): Interceptor {
  return (callOptions, nextCall) => {
    const call = nextCall(callOptions);
    const traced = tracedMethod(callOptions.method_definition.path, options);
    if (traced !== undefined) traceClientCall(traced, call, callOptions, options);
    // grpc-js asks for its class in the types only: it calls the interface's methods on whatever comes back.
    return call as unknown as InterceptingCall;
  };
}
