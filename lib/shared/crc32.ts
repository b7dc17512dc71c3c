import type * as zlib from "node:zlib";
import { computeCrc32 } from "./computeCrc32.js";

/** Above it node:zlib pays at once, which costs a millisecond to load. */
const SHORT = 4_096;
/** So many are computed here, as many as a process needs for its start; a process that goes on has loaded node:zlib by then. */
const FEW = 16;

let calls = 0;
let builtin: typeof zlib.crc32 | undefined;

/** CRC-32 as in zlib and PNG. */
export function crc32(data: string | Uint8Array, value = 0): number {
  if (builtin === undefined && data.length <= SHORT && ++calls <= FEW)
    return computeCrc32(data, value);
  builtin ??= process.getBuiltinModule("node:zlib").crc32;
  return builtin(data, value);
}
