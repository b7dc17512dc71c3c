import * as fs from "node:fs";

/** The system's own source of random bytes; where there is none, node:crypto asks it in another way. */
const SOURCE = "/dev/urandom";
const UUID_BYTES = 16;
/** Read at once: enough for 64. */
const POOL_BYTES = 64 * UUID_BYTES;

let pool: Buffer | undefined;
let used = POOL_BYTES;

/**
 * A random UUID (RFC 9562, version 4). Loading node:crypto for it would take 4 to 15 ms, which a start does not have,
 * and the last moment of a process still less; reading the same bytes from the system takes a tenth of one.
 */
export function randomUuid(): string {
  const bytes = randomBytes();
  if (bytes === undefined) return process.getBuiltinModule("node:crypto").randomUUID();
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Of one UUID; each is given once. */
function randomBytes(): Buffer | undefined {
  if (used >= POOL_BYTES) {
    pool = readPool();
    used = 0;
  }
  if (pool === undefined) return undefined;
  used += UUID_BYTES;
  return pool.subarray(used - UUID_BYTES, used);
}

function readPool(): Buffer | undefined {
  if (process.platform === "win32") return undefined;
  let fd: number | undefined;
  try {
    fd = fs.openSync(SOURCE, "r");
    const bytes = Buffer.allocUnsafeSlow(POOL_BYTES);
    // A file of that name in a stripped-down root would give the same bytes again and again.
    return fs.fstatSync(fd).isCharacterDevice() && fs.readSync(fd, bytes, 0, POOL_BYTES, null) === POOL_BYTES ? bytes : undefined;
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeQuietly(fd);
  }
}

function closeQuietly(fd: number): void {
  try {
    fs.closeSync(fd);
  } catch {
    // Not ours any more; the bytes are.
  }
}
