const POLYNOMIAL = 0xedb88320;

let table: Uint32Array | undefined;

/** CRC-32, byte by byte: here, because loading node:zlib costs a process a millisecond of its start. */
export function computeCrc32(data: string | Uint8Array, value = 0): number {
  table ??= makeTable();
  let crc = ~value;
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  for (let index = 0; index < bytes.length; index++)
    crc = (crc >>> 8) ^ (table[(crc ^ (bytes[index] ?? 0)) & 0xff] ?? 0);
  return ~crc >>> 0;
}

function makeTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    return crc;
  });
}
