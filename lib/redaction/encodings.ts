import type { Text } from "./Text.js";
import { Code, ASCII, LOWER, Bit, has } from "./characters.js";

const HEX = 16;
const TEN = 10;
/** How often a text may have been encoded: `%252F` twice. A bound, so that a look costs the same everywhere. */
const MAX_TIMES = 4;

/** Says whether an encoded character is wanted, by its two digits. */
type Accepts = (high: number, low: number) => boolean;

/** The length of the encoded character at `index`, `%2F` or `%252F`, whose two digits satisfy `accepts`; 0 when there is none. */
export function encodedLength(text: Text, index: number, accepts: Accepts): number {
  let at = index + 1;
  for (let time = 1; time <= MAX_TIMES; time++, at += 2) {
    const high = text.at(at);
    const low = text.at(at + 1);
    if (accepts(high, low)) return at + 2 - index;
    if (high !== Code.Two || low !== Code.Five) return 0;
  }
  return 0;
}

/** The same for the one that ends right before `index`. */
export function encodedLengthBefore(text: Text, index: number, accepts: Accepts): number {
  if (!accepts(text.at(index - 2), text.at(index - 1))) return 0;
  let at = index - 3;
  for (let time = 1; time <= MAX_TIMES; time++, at -= 2) {
    if (text.at(at) === Code.Percent) return index - at;
    if (text.at(at) !== Code.Five || text.at(at - 1) !== Code.Two) return 0;
  }
  return 0;
}

/** The length of whatever is encoded at `index`, where a percent sign is; 0 when it is only that sign. */
export function percentLength(text: Text, index: number): number {
  let at = index + 1;
  // Not through `encodedLength`: in texts that are encoded this is asked for every third character.
  for (let time = 1; time <= MAX_TIMES; time++, at += 2) {
    const high = text.at(at);
    const low = text.at(at + 1);
    if (high !== Code.Two || low !== Code.Five)
      return has(high, Bit.Hex) && has(low, Bit.Hex) ? at + 2 - index : 0;
  }
  return 0;
}

/** The same for the one that ends right before `index`. */
export function percentLengthBefore(text: Text, index: number): number {
  return encodedLengthBefore(text, index, isAny);
}

/** The character, or byte of one outside ASCII, of an encoded character that ends at `end`. */
export function percentCode(text: Text, end: number): number {
  return HEX * digit(text.at(end - 2)) + digit(text.at(end - 1));
}

/** Any two digits, but not those of a percent sign that begins another encoded character. */
function isAny(high: number, low: number): boolean {
  return has(high, Bit.Hex) && has(low, Bit.Hex) && (high !== Code.Two || low !== Code.Five);
}

function digit(code: number): number {
  return code <= Code.Nine ? code - Code.Zero : (code | LOWER) - Code.A + TEN;
}

/**
 * The length of the path separator at `index`, 0 when there is none: a slash or backslash, doubled as in
 * escaped text, or percent-encoded (`%2F`, `%5C`, `%252F`).
 */
export function separatorLength(text: Text, index: number): number {
  const code = text.at(index);
  if (code === Code.Slash) return 1;
  if (code === Code.Backslash) {
    const next = text.at(index + 1);
    return next === Code.Backslash || next === Code.Slash ? 2 : 1;
  }
  return code === Code.Percent && mayBeSeparator(text.at(index + 1))
    ? encodedLength(text, index, isSeparatorByte)
    : 0;
}

/** Whether a separator stands at `index` that is encoded once: `%2F`. */
export function isEncodedSeparator(text: Text, index: number): boolean {
  return text.at(index) === Code.Percent && isSeparatorByte(text.at(index + 1), text.at(index + 2));
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
  return code === Code.Percent ? encodedLength(text, index, isColonByte) : 0;
}

/** The length of the path separator that ends right before `index` and is percent-encoded; 0 when there is none. */
export function encodedSeparatorBefore(text: Text, index: number): number {
  return mayEndSeparator(text.at(index - 1))
    ? encodedLengthBefore(text, index, isSeparatorByte)
    : 0;
}

/** The same for a colon. */
export function encodedColonBefore(text: Text, index: number): number {
  return (text.at(index - 1) | LOWER) === Code.A
    ? encodedLengthBefore(text, index, isColonByte)
    : 0;
}

/** Whether a separator can be encoded, once or more often, with this as its first digit. */
function mayBeSeparator(high: number): boolean {
  return high === Code.Two || high === Code.Five;
}

/** The same for its last digit. */
function mayEndSeparator(low: number): boolean {
  return (low | LOWER) === Code.F || (low | LOWER) === Code.C;
}

function isSeparatorByte(high: number, low: number): boolean {
  return (
    (high === Code.Two && (low | LOWER) === Code.F) ||
    (high === Code.Five && (low | LOWER) === Code.C)
  );
}

function isColonByte(high: number, low: number): boolean {
  return high === Code.Three && (low | LOWER) === Code.A;
}

/** The index after the blanks at `from`; one can be encoded as `%20`, or as `+` as forms do. */
export function skipBlanks(text: Text, from: number, to: number): number {
  let index = from;
  while (index < to && text.at(index) === Code.Space) index++;
  if (index !== from || index >= to) return index;
  const code = text.at(index);
  if (code === Code.Plus) return index + 1;
  return code === Code.Percent ? index + encodedLength(text, index, isBlank) : index;
}

function isBlank(high: number, low: number): boolean {
  return high === Code.Two && low === Code.Zero;
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
  const length =
    code === Code.Percent
      ? percentLength(text, index)
      : code === Code.Backslash
        ? backslashLength(text, index)
        : 1;
  return length === 0
    ? 1
    : length + (code === Code.Percent ? 0 : colourLength(text, index + length, to));
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
  while (
    text.at(end) === Code.Percent &&
    has(text.at(end + 1), Bit.Hex) &&
    has(text.at(end + 2), Bit.Hex)
  )
    end += ENCODED;
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
