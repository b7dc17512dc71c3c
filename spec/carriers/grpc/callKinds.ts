import type { CallOptions, ClientReadableStream, ServiceError, StatusObject } from "@grpc/grpc-js";
import { status } from "@grpc/grpc-js";
import type {
  Answer,
  DuplexCall,
  EchoClient,
  EchoHandlers,
  ReadableCall,
  Reply,
  UnaryCall,
  WritableCall,
} from "./echoService";

export const KINDS = ["unary", "clientStream", "serverStream", "bidi"] as const;
export type Kind = (typeof KINDS)[number];

/** What a server-side script may do with a call of any kind. */
export interface ServerSide {
  readonly kind: Kind;
  readonly text: string;
  answer(answer: unknown): void;
  finish(): void;
  fail(error: Partial<StatusObject> | Error): void;
  onCancelled(listener: () => void): void;
  /** Calls back when, as far as a handler can tell, the client has sent everything. */
  onEnd(listener: () => void): void;
}

/** Handlers for all four kinds, which run the same script. */
export function scripted(script: (side: ServerSide) => void): EchoHandlers {
  const replying = (
    kind: Kind,
    call: UnaryCall | ReadableCall,
    text: string,
    reply: Reply,
  ): ServerSide => {
    let last: Answer = { text: "" };
    return {
      kind,
      text,
      answer: (answer) => {
        last = answer as Answer;
      },
      finish: () => reply(null, last),
      fail: (error) => reply(error),
      onCancelled: (listener) => call.on("cancelled", listener),
      onEnd: (listener) => call.on("end", listener),
    };
  };
  const streaming = (kind: Kind, call: WritableCall | DuplexCall, text: string): ServerSide => ({
    kind,
    text,
    answer: (answer) => call.write(answer as Answer),
    finish: () => call.end(),
    fail: (error) => call.emit("error", error),
    onCancelled: (listener) => call.on("cancelled", listener),
    onEnd: (listener) => call.on("end", listener),
  });
  return {
    unary: (call, reply) => script(replying("unary", call, call.request.text, reply)),
    clientStream: (call, reply) =>
      call.once("data", ({ text }: { text: string }) =>
        script(replying("clientStream", call, text, reply)),
      ),
    serverStream: (call) => script(streaming("serverStream", call, call.request.text)),
    bidi: (call) =>
      call.once("data", ({ text }: { text: string }) => script(streaming("bidi", call, text))),
  };
}

export interface ClientSide {
  /** Resolves with the error of the call, or null; never rejects. */
  readonly done: Promise<ServiceError | null>;
  cancel(): void;
}

/** Makes a call of one kind, or of its twin that is declared but not implemented. */
export function makeCall(
  client: EchoClient,
  kind: Kind,
  text: string,
  options: CallOptions,
  missing = false,
): ClientSide {
  let cancel = (): void => undefined;
  const done = new Promise<ServiceError | null>((resolve) => {
    const settle = (error: ServiceError | null): void => resolve(error);
    if (kind === "unary") {
      const call = missing
        ? client.missingUnary({ text }, options, settle)
        : client.unary({ text }, options, settle);
      cancel = () => call.cancel();
    } else if (kind === "clientStream") {
      const call = missing
        ? client.missingClientStream(options, settle)
        : client.clientStream(options, settle);
      call.on("error", () => undefined);
      call.write({ text });
      cancel = () => call.cancel();
    } else if (kind === "serverStream") {
      const call = missing
        ? client.missingServerStream({ text }, options)
        : client.serverStream({ text }, options);
      settleByEvents(call, settle);
      cancel = () => call.cancel();
    } else {
      const call = missing ? client.missingBidi(options) : client.bidi(options);
      settleByEvents(call, settle);
      call.write({ text });
      cancel = () => call.cancel();
    }
  });
  return { done, cancel: () => cancel() };
}

function settleByEvents(
  call: ClientReadableStream<Answer>,
  settle: (error: ServiceError | null) => void,
): void {
  let failure: ServiceError | null = null;
  call.on("data", () => undefined);
  call.on("error", (error: ServiceError) => {
    failure = error;
  });
  call.on("status", ({ code }: StatusObject) => settle(code === status.OK ? null : failure));
}
