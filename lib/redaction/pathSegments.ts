import type { Scan } from "./Scan.js";
import type { Text } from "./Text.js";
import { Code, Bit, has, tableOfBits, isIn, tableOfStarts } from "./characters.js";
import { separatorLength, skipSeparators } from "./encodings.js";

/** `Bit.PathMark` in a table of its own: most of the cost of a path is to look for its end. */
const PATH_MARKS = tableOfBits(Bit.PathMark);
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
      return text.at(closing - 1) === Code.Backslash ? Math.max(from, closing - 1) : closing;
    }
  }
  return sentenceEnd(text, from, to, start === 0);
}

function sentenceEnd(text: Text, from: number, to: number, isWholeValue: boolean): number {
  let hasDot = false;
  let index = text.find(from, to, PATH_MARKS);
  for (; index < to; index = text.find(index + 1, to, PATH_MARKS)) {
    const code = text.at(index);
    if (code === Code.Slash) {
      hasDot = false;
      continue;
    }
    if (code === Code.Space) {
      if (
        !text.source.startsWith(PEM, index + 1) &&
        continues(text, index + 1, to, hasDot, isWholeValue)
      )
        continue;
      break;
    }
    if (has(code, Bit.PathStop) || (code === Code.Semicolon && startsPath(text, index + 1))) break;
    if (code === Code.Dot) hasDot = true;
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
    (has(text.at(index), Bit.Letter) && text.at(index + 1) === Code.Colon)
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
    if (code === Code.Colon && has(text.at(index + 1), Bit.Digit)) return index;
    if (code < Code.Space) break;
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
  while (index < limit && (text.at(index) === Code.Space || text.at(index) === 9)) index++;
  return index > lineStart && text.source.startsWith(LINE_OPENING, index);
}

/** Directories that stand at the root of a file system; what begins with one is a path, whatever follows. */
const ROOTS = (
  "home users root tmp temp var etc opt usr mnt media srv private volumes applications library system proc sys dev boot bin sbin lib " +
  "lib32 lib64 snap nix run cygdrive workspace workspaces work works data projects project builds repos repo git code app export net " +
  "github runner documents desktop downloads windows programdata c d e"
).split(" ");

/** First segments of routes. */
const ROUTES = (
  "api rpc graphql batch health healthz livez readyz metrics status oauth oauth2 auth login logout rest static assets public capture decide " +
  "flags array socket.io ws sse events events.json"
).split(" ");
const METHODS = new Set("GET POST PUT PATCH DELETE HEAD OPTIONS CONNECT TRACE".split(" "));
/** What a first segment of at most this many characters means, in lower case. */
const MEANINGS = new Map<string, "root" | "route">([
  ...ROOTS.map((name) => [name, "root"] as const),
  ...ROUTES.map((name) => [name, "route"] as const),
]);
/** The characters that these begin with, in both cases: most segments are not cut out to be compared. */
const STARTS = tableOfStarts(MEANINGS.keys());
const LONGEST_NAME = 13;
const SHORTEST_NAME = 1;
const VERSION = /^v\d+[a-z0-9.]*$/;
const SERVICE = /^[A-Za-z_][\w.]*$/;
const METHOD = /^[A-Z]\w*$/;
const UPPER_FIRST = /^[A-Z]/;

/** Longest segment that is compared: longer ones are no well-known names. */
const MAX_SEGMENT = 80;

/** Whether no separator follows the segment from `begin` to `end`; false for one too long to be followed. */
export function isLastSegment(text: Text, begin: number, end: number): boolean {
  return end - begin < MAX_SEGMENT && separatorLength(text, end) === 0;
}

/** Whether a segment of a well-known root begins at `begin`, and another one follows. */
export function isPathRoot(text: Text, begin: number, end = segmentEnd(text, begin)): boolean {
  if (separatorLength(text, end) === 0 || meaning(text, begin, end) !== "root") return false;
  return has(text.at(skipSeparators(text, end)), Bit.SegmentStart);
}

function meaning(text: Text, begin: number, end: number): "root" | "route" | undefined {
  const length = end - begin;
  if (length < SHORTEST_NAME || length > LONGEST_NAME || !isIn(STARTS, text.at(begin)))
    return undefined;
  return MEANINGS.get(text.source.slice(begin, end).toLowerCase());
}

/** Whether a word is the method of a request, after which a route stands. */
export function isMethod(word: string): boolean {
  return METHODS.has(word);
}

/** Whether what begins at `begin` is the route of a request or the full name of a method, and not a file. */
export function isRoute(text: Text, begin: number, end: number): boolean {
  if (
    meaning(text, begin, end) === "route" ||
    (text.at(begin) === Code.V && VERSION.test(text.source.slice(begin, end)))
  )
    return true;
  const second = skipSeparators(text, end);
  const sign = text.at(second);
  if (sign === Code.Colon || sign === Code.OpenBrace || sign === Code.Star) return true;
  if (!has(sign, Bit.Upper)) return false;
  const secondEnd = segmentEnd(text, second);
  return (
    separatorLength(text, secondEnd) === 0 &&
    isService(text.source.slice(begin, end)) &&
    METHOD.test(text.source.slice(second, secondEnd))
  );
}

/** `package.Service`, as gRPC writes it before the method. */
function isService(segment: string): boolean {
  if (!SERVICE.test(segment)) return false;
  const dot = segment.lastIndexOf(".");
  return UPPER_FIRST.test(segment.slice(dot + 1)) && (dot > 0 || segment.endsWith("Service"));
}

/** What may end a segment. */
const SEGMENT_MARKS = tableOfBits(Bit.PathBoundary | Bit.PathStop | Bit.PathMark);

/** Where the segment ends that begins at `begin`, or where it is too long to be a well-known name. */
export function segmentEnd(text: Text, begin: number): number {
  const limit = Math.min(text.length, begin + MAX_SEGMENT);
  let index = text.find(begin, limit, SEGMENT_MARKS);
  while (
    index < limit &&
    separatorLength(text, index) === 0 &&
    !has(text.at(index), Bit.PathBoundary | Bit.PathStop)
  )
    index = text.find(index + 1, limit, SEGMENT_MARKS);
  return index;
}
