export { traceConnection } from "./carriers/jsonrpc/traceConnection.js";
export type {
  TraceConnectionOptions,
  TracedConnection,
} from "./carriers/jsonrpc/traceConnection.js";
