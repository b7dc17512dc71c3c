/** What all sides of the Vine protocol share: its definition, its errors and how telemetry reads them. */
import { fileURLToPath } from "node:url";
import { loadPackageDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const PROTO = fileURLToPath(new URL("vine.proto", import.meta.url));

export const { Vine } = loadPackageDefinition(loadSync(PROTO, { keepCase: true, longs: Number }));

/** Which calls each service has for requests and notifications; they are named after the caller. */
export const CALLS = {
  MountainService: { request: "ProcessCocoonRequest", notification: "SendCocoonNotification" },
  CocoonService: { request: "ProcessMountainRequest", notification: "SendMountainNotification" },
  AirService: { request: "ProcessMountainRequest", notification: "SendMountainNotification" },
};

const INTERNAL = -32_603;
const CANCELLED = -32_800;

/** A failure that a response reports. */
export class VineError extends Error {
  constructor({ Code, Message, Data }) {
    super(Message);
    this.name = "VineError";
    this.cancelled = Code === CANCELLED;
    const { code } = decode(Data) ?? {};
    if (code !== undefined) this.code = code;
  }
}

/** A handler's failure as the `error` of a response. */
export function toRpcError(error, signal) {
  const { message, code } = error instanceof Error ? error : new Error(String(error));
  return {
    Code: signal.aborted ? CANCELLED : INTERNAL,
    Message: message,
    Data: encode(code === undefined ? {} : { code }),
  };
}

/** For the interceptors: gRPC's status is OK even if the handler failed. A cancellation is not a failure. */
export function failureFromResponse({ error }) {
  if (!error || error.Code === CANCELLED) return undefined;
  return { type: decode(error.Data)?.code ?? String(error.Code), message: error.Message };
}

export function encode(value) {
  return Buffer.from(JSON.stringify(value ?? null));
}

export function decode(bytes) {
  return bytes?.length > 0 ? JSON.parse(bytes.toString()) : undefined;
}
