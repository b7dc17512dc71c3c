import type * as crypto from "node:crypto";
import type * as zlib from "node:zlib";

// These modules cost a process 4 to 7 ms each when nothing else has loaded them, so they are loaded at first use.
const nodeCrypto = (): typeof crypto => process.getBuiltinModule("node:crypto");
const nodeZlib = (): typeof zlib => process.getBuiltinModule("node:zlib");

/** SHA-256 of a text in UTF-8, in hex. */
export function sha256(text: string): string {
  return nodeCrypto().createHash("sha256").update(text).digest("hex");
}

/** A random UUID (RFC 9562, version 4). */
export function randomUuid(): string {
  return nodeCrypto().randomUUID();
}

/** CRC-32 as in zlib and PNG; `value` is the checksum of what came before. */
export function crc32(data: string | Uint8Array, value = 0): number {
  return nodeZlib().crc32(data, value);
}
