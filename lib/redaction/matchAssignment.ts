import type { Scan, Rule } from "./Scan.js";
import type { Text } from "./Text.js";
import { Code, Bit, has } from "./characters.js";
import {
  encodedLength,
  encodedLengthBefore,
  signCode,
  signLength,
  skipBlanks,
} from "./encodings.js";
import {
  Secrecy,
  MAX_NAME,
  mayNameSecret,
  secrecyAt,
  MAX_LOOK,
  looksSecretAt,
  mayBeSecretAt,
  hasDigitAt,
} from "./secrecy.js";

/** What stands in the place of a secret that is known by its name. */
export const SECRET = "<secret>";
/** The schemes of authorisation whose parameters are quoted. */
const QUOTING = ["digest", "hawk", "oauth", "signature"];
const WORDLESS = new Set(["undefined", "null", "true", "false", "none"]);
const LONGEST_WORDLESS = 9;
/** A value that begins so goes on over a blank, also where an equals sign stands for the colon. */
const SCHEMES = ["basic", "bearer", "negotiate", "token", "apikey", ...QUOTING];
/** Headers whose value goes on over blanks. */
const HEADERS = ["authorization", "cookie"];

/**
 * A secret that is given a name: `password=…`, `"apiKey": "…"`, `Authorization: …`. The sign, of `length` characters
 * when it is encoded (`password%3D…`), is at `index`.
 */
export function matchAssignment(scan: Scan, index: number, length: number): boolean {
  const { text, to } = scan;
  let nameEnd = index;
  if (text.at(nameEnd - 1) === Code.Space || (length > 1 && text.at(nameEnd - 1) === Code.Plus))
    nameEnd--;
  const quote = has(text.at(nameEnd - 1), Bit.Quote)
    ? 1
    : encodedLengthBefore(text, nameEnd, isQuote);
  const isQuotedName = quote > 0;
  nameEnd -= quote;
  // Text that was escaped more than once has several backslashes before the quote.
  if (isQuotedName) while (text.at(nameEnd - 1) === Code.Backslash) nameEnd--;
  if (!mayNameSecret(text, nameEnd)) return false;
  const isEqual = signCode(text, index, length) === Code.Equals;
  let start = skipBlanks(text, index + length, to);
  // A colon without a blank joins names (`land:secret:get`) more often than it assigns.
  const isJoined = !isEqual && start === index + length && !isQuotedName;
  const nameStart = text.skipBack(nameEnd, Math.max(0, nameEnd - MAX_NAME), Bit.Key);
  const secrecy = secrecyAt(text, nameStart, nameEnd);
  if (secrecy === Secrecy.None || (isJoined && secrecy === Secrecy.Weak)) return false;

  // A header that came more than once is a list; its first value stands for all, which are taken with it.
  const isList =
    secrecy === Secrecy.Strong &&
    text.at(start) === Code.OpenBracket &&
    has(text.at(skipBackslashes(text, start + 1)), Bit.Quote);
  if (isList) return scan.found(start, listEnd(text, start, to), SECRET);
  if (length > 1 && secrecy === Secrecy.Strong && encodedLength(text, start, isBracket) > 0)
    return scan.found(start, skipTo(text, start, to, Bit.ValueEnd), SECRET);
  start = skipBackslashes(text, start);
  if (length > 1) {
    for (let more = 1; more > 0; start += more) more = encodedLength(text, start, isBackslash);
    start += encodedLength(text, start, isQuote);
  }
  const isQuotedValue = has(text.at(start), Bit.Quote);
  const isHeader =
    isHeaderName(text, nameStart, nameEnd) && (!isEqual || isScheme(SCHEMES, text, start, to));
  // Only as much is looked at as tells a secret from a word: the end of each of many would be far.
  if (secrecy === Secrecy.Weak && !isQuotedValue && !mayBeSecretAt(text, start, to)) return false;
  const end = isQuotedValue
    ? quotedEnd(scan, start)
    : isHeader && length === 1
      ? headerEnd(scan, start)
      : valueEnd(text, start, to, length, isHeader ? Bit.HeaderEnd : Bit.ValueEnd);
  if (isQuotedValue) start++;
  if (end <= start || text.at(start) === Code.Less) return false;
  if (end - start <= LONGEST_WORDLESS && WORDLESS.has(text.source.slice(start, end).toLowerCase()))
    return false;
  if (isHeader && isScheme(QUOTING, text, start, to))
    return scan.found(start, lineEnd(text, start, to), SECRET);
  const isSecret =
    secrecy === Secrecy.Weak || isJoined
      ? looksSecretAt(text, start, end)
      : isEqual || isQuotedValue || scan.hasDigit(start, Math.min(end, start + MAX_LOOK));
  return isSecret && scan.found(start, end, SECRET);
}

function quotedEnd(scan: Scan, start: number): number {
  const closing = scan.nextQuote(scan.text.at(start), start + 1);
  if (closing === -1) return scan.to;
  let end = closing;
  while (scan.text.at(end - 1) === Code.Backslash) end--;
  return end;
}

/** A header's value goes to the end of the line, over blanks. */
function headerEnd(scan: Scan, from: number): number {
  if (from < scan.headerEnd) return scan.headerEnd;
  return (scan.headerEnd = skipTo(scan.text, from, scan.to, Bit.HeaderEnd));
}

function lineEnd(text: Text, from: number, to: number): number {
  const end = text.source.indexOf("\n", from);
  return end === -1 || end > to ? to : end;
}

function isHeaderName(text: Text, start: number, end: number): boolean {
  for (const header of HEADERS) {
    if (end - start >= header.length && text.hasFolded(end - header.length, header)) return true;
  }
  return false;
}

/** Where an unquoted value ends. One whose sign was encoded ends at what was encoded as often. */
function valueEnd(text: Text, from: number, to: number, most: number, bits: number): number {
  if (most === 1) return skipTo(text, from, to, bits);
  for (let index = from; index < to; index++) {
    const length = signLength(text, index);
    if (length <= most && has(signCode(text, index, length), bits)) return index;
  }
  return to;
}

function skipBackslashes(text: Text, from: number): number {
  let index = from;
  while (text.at(index) === Code.Backslash) index++;
  return index;
}

/** Where a list of quoted values ends; one that does not end on its line takes it whole. */
function listEnd(text: Text, from: number, to: number): number {
  const line = lineEnd(text, from, to);
  const end = text.source.indexOf("]", from);
  return end === -1 || end >= line ? line : end + 1;
}

function isScheme(schemes: readonly string[], text: Text, start: number, to: number): boolean {
  for (const scheme of schemes) {
    if (
      text.hasFolded(start, scheme) &&
      skipBlanks(text, start + scheme.length, to) > start + scheme.length
    )
      return true;
  }
  return false;
}

const isBackslash = (code: number): boolean => code === Code.Backslash;
const isBracket = (code: number): boolean => code === Code.OpenBracket;
const isQuote = (code: number): boolean => code === Code.DoubleQuote || code === Code.SingleQuote;

/** The index of the first character from `from` on that has one of the bits. */
function skipTo(text: Text, from: number, to: number, bits: number): number {
  let index = from;
  while (index < to && !has(text.at(index), bits)) index++;
  return index;
}

/** A secret after a flag, as in the command of a process that failed: `--password …`, `--db-token …`. The name's word is at `index`. */
export const matchFlag: Rule = (scan, index) => {
  const { text, to } = scan;
  const start = text.skipBack(index, Math.max(scan.last, index - MAX_NAME), Bit.Token);
  if (text.at(start) !== Code.Dash || text.at(start + 1) !== Code.Dash) return false;
  const end = text.skip(index, Math.min(to, index + MAX_NAME), Bit.Token);
  let from = skipBlanks(text, end, to);
  if (from === end || secrecyAt(text, start, end) === Secrecy.None) return false;
  while (from < to && has(text.at(from), Bit.Quote)) from++;
  const valueEnd = skipTo(text, from, to, Bit.ValueEnd);
  // The next word of a sentence has no digits: `--password is required`.
  return (
    text.at(from) !== Code.Dash &&
    hasDigitAt(text, from, valueEnd) &&
    scan.found(from, valueEnd, SECRET)
  );
};
