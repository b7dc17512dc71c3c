export { traceConnection } from "./boundary/jsonrpc/traceConnection.js";
export type {
  TraceConnectionOptions,
  TracedConnection,
} from "./boundary/jsonrpc/traceConnection.js";
