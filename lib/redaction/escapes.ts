import { Bit, has } from "./characters.js";
import { percentLength } from "./percent.js";
import type { Text } from "./Text.js";

const ESCAPE = 27;
const PERCENT = 37;
const BACKSLASH = 92;
const OPEN_BRACKET = 91;
const SEMICOLON = 59;
const U = 117;
const X = 120;
const ZERO = 48;
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
  return code === BACKSLASH || code === PERCENT || code === ESCAPE;
}

/**
 * The length of what stands for one character at `index` and is no part of the word behind it: `\n`, `\u001b`, `%3D`, a
 * terminal's colour; 1 for any other sign. Without this, a token at the start of a line would be hidden in a text that
 * was quoted.
 */
export function escapeLength(text: Text, index: number, to: number): number {
  const code = text.at(index);
  const length =
    code === PERCENT
      ? percentLength(text, index)
      : code === BACKSLASH
        ? backslashLength(text, index)
        : 1;
  return length === 0
    ? 1
    : length + (code === PERCENT ? 0 : colourLength(text, index + length, to));
}

/** Where a word begins that was found to begin at `start`: behind the escape whose letters are its first. */
export function wordStart(text: Text, start: number, to: number): number {
  const before = text.at(start - 1);
  if (mayEscape(before)) return start - 1 + escapeLength(text, start - 1, to);
  if (before !== OPEN_BRACKET && before !== SEMICOLON) return start;
  const end = text.skip(start, to, Bit.Digit);
  return end > start && text.at(end) === M ? end + 1 : start;
}

/** Whether an escape ends right before `index`: `\n` or a terminal's colour. */
export function endsEscape(text: Text, index: number): boolean {
  const before = text.at(index - 1);
  if (text.at(index - 2) === BACKSLASH && LETTERS[before] === 1) return true;
  if (before !== M) return false;
  let start = index - 1;
  const limit = Math.max(0, start - MAX_COLOUR);
  while (start > limit && (has(text.at(start - 1), Bit.Digit) || text.at(start - 1) === SEMICOLON))
    start--;
  return start < index - 1 && text.at(start - 1) === OPEN_BRACKET;
}

const M = 109;

function backslashLength(text: Text, index: number): number {
  const next = text.at(index + 1);
  const from = index + 2;
  if (next === U && hexAt(text, from, UNICODE_DIGITS)) return 2 + UNICODE_DIGITS;
  if (next === X && hexAt(text, from, BYTE_DIGITS)) return 2 + BYTE_DIGITS;
  if (next === ZERO && hexAt(text, index + 1, OCTAL_DIGITS)) return 1 + OCTAL_DIGITS;
  return LETTERS[next] === 1 ? 2 : 1;
}

function hexAt(text: Text, from: number, count: number): boolean {
  return text.skip(from, Math.min(text.length, from + count), Bit.Hex) === from + count;
}

/** `[1;31m`, what follows the escape character where a terminal changes its colour. */
function colourLength(text: Text, from: number, to: number): number {
  if (text.at(from) !== OPEN_BRACKET) return 0;
  let index = from + 1;
  const limit = Math.min(to, index + MAX_COLOUR);
  while (index < limit && (has(text.at(index), Bit.Digit) || text.at(index) === SEMICOLON)) index++;
  return index > from + 1 && text.at(index) === M ? index + 1 - from : 0;
}
