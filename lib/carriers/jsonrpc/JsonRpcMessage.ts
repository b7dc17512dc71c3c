import { isPlainPayload } from "../payloads.js";

/** The `error` of a response. */
export interface JsonRpcError {
  readonly code: number | undefined;
  readonly message: string;
}

export type JsonRpcId = string | number;

/** What a JSON-RPC 2.0 message is, as far as tracing looks at it. */
export type Classified =
  | { readonly kind: "request"; readonly id: JsonRpcId; readonly method: string }
  | { readonly kind: "notification"; readonly method: string }
  | { readonly kind: "cancel"; readonly id: JsonRpcId | undefined }
  | { readonly kind: "response"; readonly id: JsonRpcId; readonly error: JsonRpcError | undefined };

/** The notification that asks the peer to give up a request; `params.id` names it. */
const CANCEL_METHOD = "$/cancelRequest";

/** Tells what a message is, by the rules of vscode-jsonrpc; undefined for what it would refuse. */
export function classify(message: object): Classified | undefined {
  // What comes from a peer can hold anything.
  const { id, method, params, error } = message as Partial<Record<string, unknown>>;
  if (typeof method === "string") {
    if (isId(id)) return { kind: "request", id, method };
    if (id !== undefined) return undefined;
    if (method !== CANCEL_METHOD) return { kind: "notification", method };
    const cancelled = (params as { id?: unknown } | null | undefined)?.id;
    return { kind: "cancel", id: isId(cancelled) ? cancelled : undefined };
  }
  return isId(id) ? { kind: "response", id, error: errorOf(error) } : undefined;
}

/** Notifications of the protocol itself, such as `$/progress`: they belong to a request and are no calls. */
export function isProtocolMethod(method: string): boolean {
  return method.startsWith("$/");
}

/**
 * A copy of a message with further members beside `params` and `error`, inside of which a peer's handlers and its
 * users would meet them. Members that the message has stay; one that a copy would not be like comes back as it is.
 */
export function withMembers<M extends object>(message: M, members: object): M {
  return isPlainPayload(message) ? { ...message, ...members, ...message } : message;
}

function isId(id: unknown): id is JsonRpcId {
  return typeof id === "string" || typeof id === "number";
}

function errorOf(error: unknown): JsonRpcError | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { code, message } = error as { code?: unknown; message?: unknown };
  return {
    code: typeof code === "number" ? code : undefined,
    message: typeof message === "string" ? message : "",
  };
}
