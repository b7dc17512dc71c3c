import { RandomPool } from "./RandomPool.js";

const UUID_BYTES = 16;
/** Read at once: enough for 64. */
const POOL_BYTES = 64 * UUID_BYTES;

let pool: RandomPool | undefined;

/** A random UUID (RFC 9562, version 4). */
export function randomUuid(): string {
  pool ??= new RandomPool(POOL_BYTES);
  const start = pool.take(UUID_BYTES);
  const bytes = pool.bytes.subarray(start, start + UUID_BYTES);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
