export { clientInterceptor } from "./boundary/grpc/clientInterceptor.js";
export type {
  GrpcInterceptorOptions,
  ResponseFailure,
} from "./boundary/grpc/GrpcInterceptorOptions.js";
export { serverInterceptor } from "./boundary/grpc/serverInterceptor.js";
