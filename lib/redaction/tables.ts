import { has } from "./characters.js";

const ASCII = 128;
/** The characters of one kind: a slot for each of ASCII, and one for all others. Smaller than the table of all bits, and read faster. */
export type Table = Uint8Array;

/** The table of the characters for which `accepts` holds, which is asked with each code of ASCII and with one outside. */
export function tableOf(accepts: (code: number) => boolean): Table {
  return Uint8Array.from({ length: ASCII + 1 }, (_, code) => Number(accepts(code)));
}

/** The table of the characters that have one of the bits. */
export function tableOfBits(bits: number): Table {
  return tableOf((code) => has(code, bits));
}

/** Whether the character of this code is in the table. */
export function isIn(table: Table, code: number): boolean {
  return table[code < ASCII ? code : ASCII] === 1;
}
