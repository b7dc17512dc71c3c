import type {
  InterceptingCall,
  Interceptor,
  ServerInterceptingCall,
  ServerInterceptor,
} from "@grpc/grpc-js";
import type { GrpcInterceptorOptions } from "../carriers/grpc/CallSpan.js";

/** An interceptor that passes every call on untouched. */
export function clientInterceptor(options?: GrpcInterceptorOptions): Interceptor;
export function clientInterceptor(): Interceptor {
  return (options, nextCall) => nextCall(options) as unknown as InterceptingCall;
}

/** An interceptor that passes every call on untouched. */
export function serverInterceptor(options?: GrpcInterceptorOptions): ServerInterceptor;
export function serverInterceptor(): ServerInterceptor {
  return (_definition, call) => call as unknown as ServerInterceptingCall;
}
