import { Bit, has } from "./characters.js";
import type { Scan } from "./Scan.js";
import { separatorLength } from "./separators.js";
import { tableOfBits } from "./tables.js";
import type { Text } from "./Text.js";

/** `Bit.PathMark` in a table of its own: most of the cost of a path is to look for its end. */
const MARKS = tableOfBits(Bit.PathMark);
const SLASH = 47;
const SPACE = 32;
const SEMICOLON = 59;
const DOT = 46;
const BACKSLASH = 92;
const COLON = 58;
/** Begins a secret of several lines, which must not be taken for the rest of a name. */
const PEM = "-----BEGIN";
/** How far beyond a blank a further separator is looked for: a bound that keeps the cost linear. */
const MAX_LOOKAHEAD = 64;

/**
 * The end of a path that begins at `start` and was followed to `from`. Between quotes it is the closing
 * quote; elsewhere a path may hold blanks, and takes more rather than less: half a directory's name is a leak.
 */
export function pathEnd(scan: Scan, start: number, from: number): number {
  const { text, to } = scan;
  const quote = text.at(start - 1);
  if (start > 0 && has(quote, Bit.Quote)) {
    const closing = scan.nextQuote(quote, from);
    if (closing !== -1 && scan.lineStart(start) === scan.lineStart(closing)) {
      return text.at(closing - 1) === BACKSLASH ? Math.max(from, closing - 1) : closing;
    }
  }
  return sentenceEnd(text, from, to, start === 0);
}

function sentenceEnd(text: Text, from: number, to: number, isWholeValue: boolean): number {
  let hasDot = false;
  let index = text.find(from, to, MARKS);
  for (; index < to; index = text.find(index + 1, to, MARKS)) {
    const code = text.at(index);
    if (code === SLASH) {
      hasDot = false;
      continue;
    }
    if (code === SPACE) {
      if (
        !text.source.startsWith(PEM, index + 1) &&
        continues(text, index + 1, to, hasDot, isWholeValue)
      )
        continue;
      break;
    }
    if (has(code, Bit.PathStop) || (code === SEMICOLON && startsPath(text, index + 1))) break;
    if (code === DOT) hasDot = true;
    else if (separatorLength(text, index) > 0) hasDot = false;
  }
  while (index > from && has(text.at(index - 1), Bit.Trailing)) index--;
  return index;
}

/** Whether the words after a blank belong to the path: a separator follows, or they look like a name. */
function continues(
  text: Text,
  from: number,
  to: number,
  hasDot: boolean,
  isWholeValue: boolean,
): boolean {
  const end = Math.min(to, from + MAX_LOOKAHEAD);
  let isFresh = true;
  for (let index = from; index < end; index++) {
    const code = text.at(index);
    // A separator after a blank begins a path of its own.
    if (separatorLength(text, index) > 0) return !isFresh;
    if (has(code, Bit.PathStop)) break;
    isFresh = has(code, Bit.PathBoundary);
  }
  if (hasDot || from >= to) return false;
  return isWholeValue || (isUpper(text.at(from)) && isLower(text.at(from + 1)));
}

function startsPath(text: Text, index: number): boolean {
  return (
    separatorLength(text, index) > 0 ||
    (has(text.at(index), Bit.Letter) && text.at(index + 1) === COLON)
  );
}

function isUpper(code: number): boolean {
  return has(code, Bit.Upper) && has(code, Bit.Letter);
}

function isLower(code: number): boolean {
  return has(code, Bit.Letter) && !has(code, Bit.Upper);
}

/** A frame of a stack trace: the end of its path is a colon and a line number, whatever stands between. */
export function framePathEnd(scan: Scan, start: number, from: number): number {
  const { text, to } = scan;
  // What begins its text has no `at` before it.
  if (start === 0 || from < scan.noFrameBefore || !isFrameLine(text, scan.lineStart(start), start))
    return -1;
  let index = from;
  for (; index < to; index++) {
    const code = text.at(index);
    if (code === COLON && has(text.at(index + 1), Bit.Digit)) return index;
    if (code < SPACE) break;
  }
  scan.noFrameBefore = index;
  return -1;
}

const LINE_OPENING = "at ";
/** Blanks before the `at` of a frame. */
const MAX_INDENT = 64;

function isFrameLine(text: Text, lineStart: number, before: number): boolean {
  let index = lineStart;
  const limit = Math.min(before, lineStart + MAX_INDENT);
  while (index < limit && (text.at(index) === SPACE || text.at(index) === 9)) index++;
  return index > lineStart && text.source.startsWith(LINE_OPENING, index);
}
