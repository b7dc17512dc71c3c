export type { CarrierOptions } from "./carriers/jsonrpc/CarrierOptions.js";
export { traceConnection } from "./carriers/jsonrpc/traceConnection.js";
export type {
  TraceConnectionOptions,
  TracedConnection,
} from "./carriers/jsonrpc/traceConnection.js";
export { traceFrames } from "./carriers/jsonrpc/traceFrames.js";
export type { TracedFrames } from "./carriers/jsonrpc/traceFrames.js";
