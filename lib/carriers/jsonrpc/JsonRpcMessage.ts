/** A JSON-RPC 2.0 message as far as tracing looks at it. What comes from a peer can hold anything. */
interface JsonRpcMessage {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
  readonly error?: unknown;
}

/** The `error` of a response. */
export interface JsonRpcError {
  readonly code: number | undefined;
  readonly message: string;
}

export type JsonRpcId = string | number;

/** The notification that asks the peer to give up a request; `params.id` names it. */
export const CANCEL_METHOD = "$/cancelRequest";

export type Received =
  | { readonly kind: "request"; readonly id: JsonRpcId; readonly method: string }
  | { readonly kind: "notification"; readonly method: string }
  | { readonly kind: "cancel"; readonly id: JsonRpcId | undefined }
  | { readonly kind: "response"; readonly id: JsonRpcId; readonly error: JsonRpcError | undefined }
  | undefined;

/** Tells what a message is, by the rules of vscode-jsonrpc; undefined for what it would refuse. */
export function classify(message: object): Received {
  const { id, method, params, error } = message as JsonRpcMessage;
  if (typeof method === "string") {
    if (isId(id)) return { kind: "request", id, method };
    if (id !== undefined) return undefined;
    return method === CANCEL_METHOD
      ? { kind: "cancel", id: cancelledId(params) }
      : { kind: "notification", method };
  }
  return isId(id) ? { kind: "response", id, error: errorOf(error) } : undefined;
}

/** Notifications of the protocol itself, such as `$/progress`: they belong to a request and are no calls. */
export function isProtocolMethod(method: string): boolean {
  return method.startsWith("$/");
}

function isId(id: unknown): id is JsonRpcId {
  return typeof id === "string" || typeof id === "number";
}

function cancelledId(params: unknown): JsonRpcId | undefined {
  const id =
    typeof params === "object" && params !== null ? (params as { id?: unknown }).id : undefined;
  return isId(id) ? id : undefined;
}

function errorOf(error: unknown): JsonRpcError | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { code, message } = error as { code?: unknown; message?: unknown };
  return {
    code: typeof code === "number" ? code : undefined,
    message: typeof message === "string" ? message : "",
  };
}
