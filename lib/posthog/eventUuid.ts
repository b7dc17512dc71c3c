import { sha256 } from "../shared/builtins.js";

/**
 * The identity of a mirrored event: a version 8 UUID (RFC 9562) of the SHA-256 of trace id, span id and event
 * name. Two processes that mirror or replay the same span send the same event, and the server keeps one.
 */
export function eventUuid(traceId: string, spanId: string, event: string): string {
  const hex = sha256(`${traceId}-${spanId}-${event}`);
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
