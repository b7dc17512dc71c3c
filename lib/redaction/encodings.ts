import type { Text } from "./Text.js";
import { Code, ASCII, LOWER, Bit, has } from "./characters.js";

/** How often a text may have been encoded: `%252F` twice. A bound, so that a look costs the same everywhere. */
const MAX_TIMES = 4;

/** Says whether an encoded character is wanted, by its code. */
type Accepts = (code: number) => boolean;

const isAny: Accepts = () => true;
const isColon: Accepts = (code) => code === Code.Colon;
const isSpace: Accepts = (code) => code === Code.Space;
const isSeparator: Accepts = (code) => code === Code.Slash || code === Code.Backslash;

/** The character, or byte of one outside ASCII, of an encoded character that ends at `end`; -1 when there are no two digits. */
export function percentCode(text: Text, end: number): number {
  const high = text.at(end - 2);
  const low = text.at(end - 1);
  return has(high, Bit.Hex) && has(low, Bit.Hex) ? 16 * digit(high) + digit(low) : -1;
}

function digit(code: number): number {
  return code <= Code.Nine ? code - Code.Zero : (code | LOWER) - Code.A + 10;
}

/** The length of the encoded character at `index`, where a percent sign is: `%2F` or `%252F`; 0 when it is none that is wanted. */
export function encodedLength(text: Text, index: number, accepts: Accepts): number {
  for (let time = 1, end = index + 3; time <= MAX_TIMES; time++, end += 2) {
    const code = percentCode(text, end);
    // A percent sign that is encoded itself begins another encoded character.
    if (code !== Code.Percent) return code !== -1 && accepts(code) ? end - index : 0;
  }
  return 0;
}

/** The same for the one that ends right before `index`. */
export function encodedLengthBefore(text: Text, index: number, accepts = isAny): number {
  const code = percentCode(text, index);
  if (code === -1 || code === Code.Percent || !accepts(code)) return 0;
  let at = index - 3;
  for (let time = 1; time <= MAX_TIMES; time++, at -= 2) {
    if (text.at(at) === Code.Percent) return index - at;
    if (text.at(at) !== Code.Five || text.at(at - 1) !== Code.Two) return 0;
  }
  return 0;
}

/** How many characters the sign at `index` has: more than one when it is encoded. */
export function signLength(text: Text, index: number): number {
  return text.at(index) === Code.Percent ? Math.max(1, encodedLength(text, index, isAny)) : 1;
}

/** The code of the sign of so many characters at `index`. */
export function signCode(text: Text, index: number, length: number): number {
  return length === 1 ? text.at(index) : percentCode(text, index + length);
}

/**
 * The length of the path separator at `index`, 0 when there is none: a slash or backslash, doubled as in
 * escaped text, or percent-encoded (`%2F`, `%5C`, `%252F`).
 */
export function separatorLength(text: Text, index: number): number {
  const code = text.at(index);
  if (code === Code.Slash) return 1;
  if (code === Code.Backslash) return isSeparator(text.at(index + 1)) ? 2 : 1;
  return code === Code.Percent ? encodedLength(text, index, isSeparator) : 0;
}

/** Whether a separator stands at `index` that is encoded once: `%2F`. */
export function isEncodedSeparator(text: Text, index: number): boolean {
  return text.at(index) === Code.Percent && isSeparator(percentCode(text, index + 3));
}

/** The index after all separators that follow each other at `index`. */
export function skipSeparators(text: Text, index: number): number {
  let at = index;
  while (text.at(at) === Code.Slash) at++;
  for (let length = separatorLength(text, at); length > 0; length = separatorLength(text, at))
    at += length;
  return at;
}

/** The length of a colon at `index`, plain or percent-encoded; 0 when there is none. */
export function colonLength(text: Text, index: number): number {
  const code = text.at(index);
  if (code === Code.Colon) return 1;
  return code === Code.Percent ? encodedLength(text, index, isColon) : 0;
}

/** The length of the path separator that ends right before `index` and is percent-encoded; 0 when there is none. */
export function encodedSeparatorBefore(text: Text, index: number): number {
  return encodedLengthBefore(text, index, isSeparator);
}

/** The same for a colon. */
export function encodedColonBefore(text: Text, index: number): number {
  return encodedLengthBefore(text, index, isColon);
}

/** The index after the blanks at `from`; one can be encoded as `%20`, or as `+` as forms do. */
export function skipBlanks(text: Text, from: number, to: number): number {
  let index = from;
  while (index < to && text.at(index) === Code.Space) index++;
  if (index !== from || index >= to) return index;
  const code = text.at(index);
  if (code === Code.Plus) return index + 1;
  return code === Code.Percent ? index + encodedLength(text, index, isSpace) : index;
}

/** What stands for one character after a backslash: `\n`, `\t` and the like. */
const LETTERS = Uint8Array.from({ length: 128 }, (_, code) =>
  Number("nrtbfve".includes(String.fromCharCode(code))),
);
const UNICODE_DIGITS = 4;
const BYTE_DIGITS = 2;
const OCTAL_DIGITS = 3;
/** The parameters of a terminal's colour are no longer. */
const MAX_COLOUR = 16;

/** Whether a sign begins something that stands for another character. */
export function mayEscape(code: number): boolean {
  return code === Code.Backslash || code === Code.Percent || code === Code.Escape;
}

/**
 * The length of what stands for one character at `index` and is no part of the word behind it: `\n`, `\u001b`, `%3D`, a
 * terminal's colour; 1 for any other sign. Without this, a token at the start of a line would be hidden in a text that
 * was quoted.
 */
export function escapeLength(text: Text, index: number, to: number): number {
  const code = text.at(index);
  if (code === Code.Percent) return signLength(text, index);
  const length = code === Code.Backslash ? backslashLength(text, index) : 1;
  return length + colourLength(text, index + length, to);
}

/** Where a word begins that was found to begin at `start`: behind the escape whose letters are its first. */
export function wordStart(text: Text, start: number, to: number): number {
  const before = text.at(start - 1);
  if (mayEscape(before)) return start - 1 + escapeLength(text, start - 1, to);
  if (before !== Code.OpenBracket && before !== Code.Semicolon) return start;
  const end = text.skip(start, to, Bit.Digit);
  return end > start && text.at(end) === Code.M ? end + 1 : start;
}

/** Whether an escape ends right before `index`: `\n` or a terminal's colour. */
export function endsEscape(text: Text, index: number): boolean {
  const before = text.at(index - 1);
  if (text.at(index - 2) === Code.Backslash && LETTERS[before] === 1) return true;
  if (before !== Code.M) return false;
  let start = index - 1;
  const limit = Math.max(0, start - MAX_COLOUR);
  while (
    start > limit &&
    (has(text.at(start - 1), Bit.Digit) || text.at(start - 1) === Code.Semicolon)
  )
    start--;
  return start < index - 1 && text.at(start - 1) === Code.OpenBracket;
}

function backslashLength(text: Text, index: number): number {
  const next = text.at(index + 1);
  const from = index + 2;
  if (next === Code.U && hexAt(text, from, UNICODE_DIGITS)) return 2 + UNICODE_DIGITS;
  if (next === Code.X && hexAt(text, from, BYTE_DIGITS)) return 2 + BYTE_DIGITS;
  if (next === Code.Zero && hexAt(text, index + 1, OCTAL_DIGITS)) return 1 + OCTAL_DIGITS;
  return LETTERS[next] === 1 ? 2 : 1;
}

function hexAt(text: Text, from: number, count: number): boolean {
  return text.skip(from, Math.min(text.length, from + count), Bit.Hex) === from + count;
}

/** `[1;31m`, what follows the escape character where a terminal changes its colour. */
function colourLength(text: Text, from: number, to: number): number {
  if (text.at(from) !== Code.OpenBracket) return 0;
  let index = from + 1;
  const limit = Math.min(to, index + MAX_COLOUR);
  while (index < limit && (has(text.at(index), Bit.Digit) || text.at(index) === Code.Semicolon))
    index++;
  return index > from + 1 && text.at(index) === Code.M ? index + 1 - from : 0;
}

const ENCODED = 3;
const LATIN = 256;

/**
 * What percent signs stand for, once; a run that is no text stays. Written code by code, since hostile text has as many
 * runs as it can: to put together a string of as many parts would cost as much as all the rules.
 */
export function decodePercent(text: Text): string {
  const { length } = text;
  const codes = new Uint16Array(length);
  let at = 0;
  let all = 0;
  for (let index = 0; index < length;) {
    const code = text.at(index);
    const end = code === Code.Percent ? runEnd(text, index) : index;
    if (end === index) {
      all |= codes[at++] = code;
      index++;
      continue;
    }
    const start = at;
    let bytes = 0;
    for (let byte = index + ENCODED; byte <= end; byte += ENCODED)
      bytes |= codes[at++] = percentCode(text, byte);
    all |= bytes;
    if (bytes >= ASCII) {
      const decoded = decodeRun(text.source.slice(index, end));
      at = start;
      for (let unit = 0; unit < decoded.length; unit++)
        all |= codes[at++] = decoded.charCodeAt(unit);
    }
    index = end;
  }
  if (at === length) return text.source;
  const written = codes.subarray(0, at);
  // One byte for each character where that is enough: the text is then searched faster.
  return all < LATIN
    ? Buffer.from(written).toString("latin1")
    : Buffer.from(written.buffer, 0, 2 * at).toString("utf16le");
}

/** The end of the encoded bytes that follow each other at `index`. */
function runEnd(text: Text, index: number): number {
  let end = index;
  while (text.at(end) === Code.Percent && percentCode(text, end + ENCODED) !== -1) end += ENCODED;
  return end;
}

/** Bytes outside ASCII, as UTF-8 has them. */
function decodeRun(run: string): string {
  try {
    return decodeURIComponent(run);
  } catch {
    return run;
  }
}
