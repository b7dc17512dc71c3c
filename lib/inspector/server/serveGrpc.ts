import type { ServiceDefinition, handleUnaryCall } from "@grpc/grpc-js";
import { untraced } from "../../shared/untraced.js";
import { authorityOf, HttpProblem } from "./http.js";
import { receiveLogs } from "./receiveLogs.js";
import { receiveTraces } from "./receiveTraces.js";
import type { Service } from "./serve.js";

/** OTLP's services (opentelemetry-proto, collector/…/v1/…_service.proto). Each has a single method, `Export`. */
const PACKAGE = "opentelemetry.proto.collector";
const SIGNALS = { trace: "TraceService", logs: "LogsService", metrics: "MetricsService" } as const;
/** Maximum open requests of one connection, each with a whole message in memory. */
const MAX_STREAMS = 16;
/** In a variable, so that a bundler without the optional peer dependency still builds the rest. */
const PEER: string = "@grpc/grpc-js";

/**
 * Receives OTLP over gRPC on its own port, using the application's @grpc/grpc-js. Resolves to the port and a function
 * that stops the server; rejects if the package is not installed, and with the system's reason if it cannot bind.
 */
export async function serveGrpc(
  service: Service,
  host: string,
  port: number,
): Promise<{ readonly port: number; readonly stop: () => void }> {
  const { Server, ServerCredentials, status } = (await untraced(
    () => import(PEER),
  )) as typeof import("@grpc/grpc-js");
  const server = new Server({
    "grpc.max_receive_message_length": service.budget.maxBodyBytes,
    "grpc.max_concurrent_streams": MAX_STREAMS,
  });
  for (const [signal, name] of Object.entries(SIGNALS)) {
    const path = `/${PACKAGE}.${signal}.v1.${name}/Export`;
    const same = (message: Buffer): Buffer => message;
    const method = { path, requestStream: false, responseStream: false };
    const codec = { requestDeserialize: same, requestSerialize: same };
    const answers = { responseDeserialize: same, responseSerialize: same };
    const handle: handleUnaryCall<Buffer, Buffer> = ({ request }, reply) => {
      try {
        const answer = receive(signal, request, service);
        service.counter.add(path, 200);
        reply(null, Buffer.from(answer));
      } catch (error) {
        const { message } = error as Error;
        service.counter.add(path, error instanceof HttpProblem ? error.status : 500, message);
        reply({ code: status.INVALID_ARGUMENT, details: message });
      }
      service.feed.changed();
    };
    const definition: ServiceDefinition = { Export: { ...method, ...codec, ...answers } };
    server.addService(definition, { Export: handle });
  }
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      authorityOf(host, port),
      ServerCredentials.createInsecure(),
      (error, taken) => {
        if (error === null) resolve(taken);
        else reject(error);
      },
    );
  });
  return { port: bound, stop: () => server.forceShutdown() };
}

/** Messages and responses are the same as for OTLP over HTTP in protobuf. */
function receive(signal: string, body: Buffer, { store, protobuf }: Service): Uint8Array {
  if (signal === "metrics") return new Uint8Array();
  const take = signal === "logs" ? receiveLogs : receiveTraces;
  return take(body, store, protobuf).answer as Uint8Array;
}
