import type * as zlib from "node:zlib";

/** Above it node:zlib pays, which costs a millisecond to load. */
const SHORT = 4_096;
const POLYNOMIAL = 0xedb88320;

let table: Uint32Array | undefined;
let builtin: typeof zlib.crc32 | undefined;

/** CRC-32 as in zlib and PNG. */
export function crc32(data: string | Uint8Array, value = 0): number {
  if (builtin !== undefined) return builtin(data, value);
  if (data.length > SHORT) {
    builtin = process.getBuiltinModule("node:zlib").crc32;
    return builtin(data, value);
  }
  table ??= makeTable();
  let crc = ~value;
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  for (let index = 0; index < bytes.length; index++) crc = (crc >>> 8) ^ (table[(crc ^ (bytes[index] ?? 0)) & 0xff] ?? 0);
  return ~crc >>> 0;
}

function makeTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    return crc;
  });
}
