import { join } from "node:path";
import type {
  Client,
  ClientDuplexStream,
  ClientOptions,
  ClientReadableStream,
  ClientUnaryCall,
  ClientWritableStream,
  CallOptions,
  GrpcObject,
  Metadata,
  requestCallback,
  ServerDuplexStream,
  ServerOptions,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
  ServiceClientConstructor,
  ServiceDefinition,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { credentials, loadPackageDefinition, Server, ServerCredentials } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

export interface Message {
  text: string;
}

export interface Answer {
  text: string;
  error?: { code: string; message: string } | null;
}

export type UnaryCall = ServerUnaryCall<Message, Answer>;
export type ReadableCall = ServerReadableStream<Message, Answer>;
export type WritableCall = ServerWritableStream<Message, Answer>;
export type DuplexCall = ServerDuplexStream<Message, Answer>;
export type Reply = sendUnaryData<Answer>;

export interface EchoHandlers {
  unary?: (call: UnaryCall, reply: Reply) => void;
  clientStream?: (call: ReadableCall, reply: Reply) => void;
  serverStream?: (call: WritableCall) => void;
  bidi?: (call: DuplexCall) => void;
}

export interface EchoClient extends Client {
  unary(message: Message, callback: requestCallback<Answer>): ClientUnaryCall;
  unary(message: Message, options: CallOptions, callback: requestCallback<Answer>): ClientUnaryCall;
  unary(
    message: Message,
    metadata: Metadata,
    options: CallOptions,
    callback: requestCallback<Answer>,
  ): ClientUnaryCall;
  clientStream(
    options: CallOptions,
    callback: requestCallback<Answer>,
  ): ClientWritableStream<Message>;
  serverStream(message: Message, options?: CallOptions): ClientReadableStream<Answer>;
  bidi(options?: CallOptions): ClientDuplexStream<Message, Answer>;
  missingUnary(
    message: Message,
    options: CallOptions,
    callback: requestCallback<Answer>,
  ): ClientUnaryCall;
  missingClientStream(
    options: CallOptions,
    callback: requestCallback<Answer>,
  ): ClientWritableStream<Message>;
  missingServerStream(message: Message, options?: CallOptions): ClientReadableStream<Answer>;
  missingBidi(options?: CallOptions): ClientDuplexStream<Message, Answer>;
}

/** The service as proto-loader gives it. */
export function loadEcho(): ServiceClientConstructor {
  const root = loadPackageDefinition(loadSync(join(__dirname, "echo.proto"), { keepCase: true }));
  return ((root["land"] as GrpcObject)["test"] as GrpcObject)["Echo"] as ServiceClientConstructor;
}

export interface RunningServer {
  readonly server: Server;
  readonly address: string;
}

/** Binds a server with these handlers to a free port. */
export async function startServer(
  definition: ServiceDefinition,
  handlers: EchoHandlers | UntypedServiceImplementation,
  options: ServerOptions,
): Promise<RunningServer> {
  const server = new Server(options);
  server.addService(definition, handlers as UntypedServiceImplementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { server, address: `127.0.0.1:${port}` };
}

export function connect(
  constructor: ServiceClientConstructor,
  address: string,
  options: ClientOptions,
): EchoClient {
  return new constructor(address, credentials.createInsecure(), options) as unknown as EchoClient;
}
