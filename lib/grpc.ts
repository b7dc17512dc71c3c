export type {
  CallDescription,
  GrpcInterceptorOptions,
  ResponseFailure,
} from "./carriers/grpc/CallSpan.js";
export { clientInterceptor } from "./carriers/grpc/clientInterceptor.js";
export { serverInterceptor } from "./carriers/grpc/serverInterceptor.js";
