import { isPlainPayload } from "../payloads.js";

/** The `error` of a response. */
export interface JsonRpcError {
  readonly code: number | undefined;
  readonly message: string;
}

export type JsonRpcId = string | number;

/** What a JSON-RPC 2.0 message is, as far as tracing is concerned. */
export type Classified =
  | { readonly kind: "request"; readonly id: JsonRpcId; readonly method: string }
  | { readonly kind: "notification"; readonly method: string }
  | { readonly kind: "cancel"; readonly id: JsonRpcId | undefined; readonly isAnswered: boolean }
  | { readonly kind: "response"; readonly id: JsonRpcId; readonly error: JsonRpcError | undefined };

/**
 * The notifications that ask the peer to give up a request: the member of `params` that names the request, and
 * whether it is still answered. LSP 3.17 "Cancellation Support" expects an answer, MCP "Cancellation" none.
 */
const CANCELLATIONS: ReadonlyMap<string, { key: string; isAnswered: boolean }> = new Map([
  ["$/cancelRequest", { key: "id", isAnswered: true }],
  ["notifications/cancelled", { key: "requestId", isAnswered: false }],
]);

/** Classifies a message by the rules of vscode-jsonrpc; undefined for one that it would refuse. */
export function classify(message: object): Classified | undefined {
  // A message from a peer can hold anything.
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

/** Whether a notification is the protocol's own, such as `$/progress`: it belongs to a request and is not a call. */
export function isProtocolMethod(method: string): boolean {
  return method.startsWith("$/");
}

/**
 * A copy of a message with extra members at its top level; inside `params` or `error` the peer's handlers and users
 * would see them. Existing members stay; a message that is not a plain object is returned as it is.
 */
export function withMembers<M extends object>(message: M, members: object): M {
  return isPlainPayload(message) ? { ...message, ...members, ...message } : message;
}

/**
 * A copy of a message with a carrier in `params._meta`, where MCP (SEP-414) and ACP put it; what is already there
 * stays. A message whose parameters are an array, or that already carries a context, is returned as it is.
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
