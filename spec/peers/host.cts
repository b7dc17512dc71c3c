/** What a host writes with the peers' own types; compiled against each version of them. */
import type { ClientOptions, ServerOptions } from "@grpc/grpc-js";
import type { Tracer } from "@opentelemetry/api";
import type { ConnectionOptions, MessageStrategy } from "vscode-jsonrpc";
import * as rpc from "vscode-jsonrpc/node";
import { register, Tier } from "land-telemetry";
import { clientInterceptor, serverInterceptor } from "land-telemetry/grpc";
import { traceConnection } from "land-telemetry/jsonrpc";

export const tracer: Tracer = register(Tier.Cocoon).tracer;
export const client: ClientOptions = { interceptors: [clientInterceptor()] };
export const server: ServerOptions = { interceptors: [serverInterceptor()] };

export function connect(own: MessageStrategy): rpc.MessageConnection {
  const { reader, writer, messageStrategy } = traceConnection(
    new rpc.StreamMessageReader(process.stdin),
    new rpc.StreamMessageWriter(process.stdout),
    { messageStrategy: own },
  );
  const options: ConnectionOptions = { messageStrategy };
  return rpc.createMessageConnection(reader, writer, rpc.NullLogger, options);
}
