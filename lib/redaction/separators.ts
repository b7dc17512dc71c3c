import { encodedLength, encodedLengthBefore } from "./percent.js";
import type { Text } from "./Text.js";

const SLASH = 47;
const BACKSLASH = 92;
const PERCENT = 37;
const COLON = 58;

/**
 * The length of the path separator at `index`, 0 when there is none: a slash or backslash, doubled as in
 * escaped text, or percent-encoded (`%2F`, `%5C`, `%252F`).
 */
export function separatorLength(text: Text, index: number): number {
  const code = text.at(index);
  if (code === SLASH) return 1;
  if (code === BACKSLASH) {
    const next = text.at(index + 1);
    return next === BACKSLASH || next === SLASH ? 2 : 1;
  }
  return code === PERCENT && mayBeSeparator(text.at(index + 1))
    ? encodedLength(text, index, isSeparatorByte)
    : 0;
}

/** Whether a separator stands at `index` that is encoded once: `%2F`. */
export function isEncodedSeparator(text: Text, index: number): boolean {
  return text.at(index) === PERCENT && isSeparatorByte(text.at(index + 1), text.at(index + 2));
}

/** The index after all separators that follow each other at `index`. */
export function skipSeparators(text: Text, index: number): number {
  let at = index;
  while (text.at(at) === SLASH) at++;
  for (let length = separatorLength(text, at); length > 0; length = separatorLength(text, at))
    at += length;
  return at;
}

/** The length of a colon at `index`, plain or percent-encoded; 0 when there is none. */
export function colonLength(text: Text, index: number): number {
  const code = text.at(index);
  if (code === COLON) return 1;
  return code === PERCENT ? encodedLength(text, index, isColonByte) : 0;
}

/** The length of the path separator that ends right before `index` and is percent-encoded; 0 when there is none. */
export function encodedSeparatorBefore(text: Text, index: number): number {
  return mayEndSeparator(text.at(index - 1))
    ? encodedLengthBefore(text, index, isSeparatorByte)
    : 0;
}

/** The same for a colon. */
export function encodedColonBefore(text: Text, index: number): number {
  return (text.at(index - 1) | LOWER) === A ? encodedLengthBefore(text, index, isColonByte) : 0;
}

/** Sets the bit that tells lower case from upper case. */
const LOWER = 32;
const TWO = 50;
const THREE = 51;
const FIVE = 53;
const C = 99;
const F = 102;
const A = 97;

/** Whether a separator can be encoded, once or more often, with this as its first digit. */
function mayBeSeparator(high: number): boolean {
  return high === TWO || high === FIVE;
}

/** The same for its last digit. */
function mayEndSeparator(low: number): boolean {
  return (low | LOWER) === F || (low | LOWER) === C;
}

function isSeparatorByte(high: number, low: number): boolean {
  return (high === TWO && (low | LOWER) === F) || (high === FIVE && (low | LOWER) === C);
}

function isColonByte(high: number, low: number): boolean {
  return high === THREE && (low | LOWER) === A;
}
