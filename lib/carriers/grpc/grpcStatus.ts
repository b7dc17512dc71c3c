/** The gRPC status codes (gRPC "Status codes and their use"). */
export const Status = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

const NAMES = Object.keys(Status);

/**
 * The statuses that are the server's own failure (rpc conventions, "gRPC status"); the others tell the client
 * that it asked for something it cannot have.
 */
const SERVER_ERRORS =
  /^(?:UNKNOWN|DEADLINE_EXCEEDED|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS)$/;

/** The name of a status code; a code that gRPC does not define counts as UNKNOWN, as gRPC asks of clients. */
export function statusName(code: number): string {
  return NAMES[code] ?? "UNKNOWN";
}

/** Whether a status that a server sends is an error of that server. */
export function isServerError(code: number): boolean {
  return SERVER_ERRORS.test(statusName(code));
}
