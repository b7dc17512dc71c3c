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
  | { readonly kind: "cancel"; readonly id: JsonRpcId | undefined; readonly isAnswered: boolean }
  | { readonly kind: "response"; readonly id: JsonRpcId; readonly error: JsonRpcError | undefined };

/**
 * The notifications that ask the peer to give up a request: which member of `params` names it, and whether it is answered
 * all the same. LSP 3.17 "Cancellation Support" wants an answer, MCP "Cancellation" none.
 */
const CANCELLATIONS: ReadonlyMap<string, { key: string; isAnswered: boolean }> = new Map([
  ["$/cancelRequest", { key: "id", isAnswered: true }],
  ["notifications/cancelled", { key: "requestId", isAnswered: false }],
]);

/** Tells what a message is, by the rules of vscode-jsonrpc; undefined for what it would refuse. */
export function classify(message: object): Classified | undefined {
  // What comes from a peer can hold anything.
  const { id, method, params, error } = message as Partial<Record<string, unknown>>;
  if (typeof method === "string") {
    if (isId(id)) return { kind: "request", id, method };
    if (id !== undefined) return undefined;
    const cancellation = CANCELLATIONS.get(method);
    if (cancellation === undefined) return { kind: "notification", method };
    const { key, isAnswered } = cancellation;
    const cancelled = (params as Record<string, unknown> | null | undefined)?.[key];
    return { kind: "cancel", id: isId(cancelled) ? cancelled : undefined, isAnswered };
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

/**
 * A copy of a message with a carrier in `params._meta`, where MCP (SEP-414) and ACP have it; what is there stays. One
 * whose parameters are an array, or that carries a context of its own, comes back as it is.
 */
export function withMeta<M extends object>(message: M, carrier: object): M {
  const { params = {} } = message as { params?: unknown };
  if (!isPlainPayload(params) || !isPlainPayload(message)) return message;
  const { _meta: meta = {} } = params;
  if (!isPlainPayload(meta) || "traceparent" in meta) return message;
  return { ...message, params: { ...params, _meta: { ...carrier, ...meta } } };
}

/** The carrier in `params._meta`. */
export function metaOf(message: object): unknown {
  return (message as { params?: { _meta?: unknown } | null }).params?._meta;
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
