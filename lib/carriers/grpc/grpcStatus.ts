/** The words of the gRPC status codes, by code (gRPC "Status codes and their use"). */
const NAMES = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const;

export const OK = 0;
export const CANCELLED = 1;
export const UNKNOWN = 2;
export const DEADLINE_EXCEEDED = 4;
export const UNIMPLEMENTED = 12;
export const INTERNAL = 13;

/**
 * The codes that are the server's own failure (rpc conventions, "gRPC status"); the others tell the client
 * that it asked for something it cannot have.
 */
const SERVER_ERRORS: ReadonlySet<number> = new Set([
  UNKNOWN,
  DEADLINE_EXCEEDED,
  UNIMPLEMENTED,
  INTERNAL,
  14,
  15,
]);

/** The word for a status code; a code that gRPC does not define counts as UNKNOWN, as gRPC asks of clients. */
export function statusName(code: number): string {
  return NAMES[code] ?? "UNKNOWN";
}

/** Whether a status that a server sends is an error of that server. */
export function isServerError(code: number): boolean {
  return SERVER_ERRORS.has(code) || NAMES[code] === undefined;
}
