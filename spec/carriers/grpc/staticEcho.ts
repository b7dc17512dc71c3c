import type {
  CallOptions,
  ClientUnaryCall,
  Metadata,
  ServiceDefinition,
  ServiceError,
} from "@grpc/grpc-js";
import { Client } from "@grpc/grpc-js";
import type { Answer, Message } from "./echoService";

const serialize = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const deserialize = (bytes: Buffer): unknown => JSON.parse(bytes.toString());

/** A definition as code generators write it: a constant with paths and codecs, no reflection, no .proto at run time. */
export const StaticEchoService = {
  unary: {
    path: "/land.test.StaticEcho/Unary",
    requestStream: false,
    responseStream: false,
    requestSerialize: serialize,
    requestDeserialize: deserialize,
    responseSerialize: serialize,
    responseDeserialize: deserialize,
  },
} satisfies ServiceDefinition;

/** A client as code generators write it: a class over `Client` with `make…Request` calls. */
export class StaticEchoClient extends Client {
  unary(
    message: Message,
    metadata: Metadata,
    options: Partial<CallOptions>,
    callback: (error: ServiceError | null, answer?: Answer) => void,
  ): ClientUnaryCall {
    const { path, requestSerialize, responseDeserialize } = StaticEchoService.unary;
    return this.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize as (bytes: Buffer) => Answer,
      message,
      metadata,
      options,
      callback,
    );
  }
}
