export { clientInterceptor } from "./carriers/grpc/clientInterceptor.js";
export type {
  GrpcInterceptorOptions,
  ResponseFailure,
} from "./carriers/grpc/GrpcInterceptorOptions.js";
export { serverInterceptor } from "./carriers/grpc/serverInterceptor.js";
