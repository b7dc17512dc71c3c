import { codeAt } from "./characters.js";
const SLASH = 47;
const BACKSLASH = 92;
const PERCENT = 37;
const COLON = 58;

/**
 * The length of the path separator at `index`, 0 when there is none: a slash or backslash, doubled as in
 * escaped text, or percent-encoded, once or twice (`%2F`, `%5C`, `%252F`).
 */
export function separatorLength(text: string, index: number): number {
  const code = codeAt(text, index);
  if (code === SLASH) return 1;
  if (code === BACKSLASH) {
    const next = codeAt(text, index + 1);
    return next === BACKSLASH || next === SLASH ? 2 : 1;
  }
  return code === PERCENT ? encodedLength(text, index, isSeparatorByte) : 0;
}

/** The index after all separators that follow each other at `index`. */
export function skipSeparators(text: string, index: number): number {
  let at = index;
  for (let length = separatorLength(text, at); length > 0; length = separatorLength(text, at)) at += length;
  return at;
}

/** The length of a colon at `index`, plain or percent-encoded; 0 when there is none. */
export function colonLength(text: string, index: number): number {
  const code = codeAt(text, index);
  if (code === COLON) return 1;
  return code === PERCENT ? encodedLength(text, index, isColonByte) : 0;
}

/** The length of an encoded character, `%2F` or `%252F`, whose two digits satisfy `accepts`. */
export function encodedLength(text: string, index: number, accepts: (high: number, low: number) => boolean): number {
  const high = codeAt(text, index + 1);
  const low = codeAt(text, index + 2);
  if (accepts(high, low)) return 3;
  return high === TWO && low === FIVE && accepts(codeAt(text, index + 3), codeAt(text, index + 4)) ? 5 : 0;
}

const TWO = 50;
const THREE = 51;
const FIVE = 53;
/** Sets the bit that tells lower case from upper case. */
const LOWER = 32;
const C = 99;
const F = 102;
const A = 97;

function isSeparatorByte(high: number, low: number): boolean {
  return (high === TWO && (low | LOWER) === F) || (high === FIVE && (low | LOWER) === C);
}

function isColonByte(high: number, low: number): boolean {
  return high === THREE && (low | LOWER) === A;
}
