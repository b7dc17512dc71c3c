import type {
  InterceptingCall,
  Interceptor,
  ServerInterceptingCall,
  ServerInterceptor,
} from "@grpc/grpc-js";
import type { GrpcInterceptorOptions } from "../carriers/grpc/CallSpan.js";

/** Returns an interceptor that passes every call on unchanged. */
export function clientInterceptor(options?: GrpcInterceptorOptions): Interceptor;
export function clientInterceptor(): Interceptor {
  return (options, nextCall) => nextCall(options) as unknown as InterceptingCall;
}

/** Returns an interceptor that passes every call on unchanged. */
export function serverInterceptor(options?: GrpcInterceptorOptions): ServerInterceptor;
export function serverInterceptor(): ServerInterceptor {
  return (_definition, call) => call as unknown as ServerInterceptingCall;
}
