import { Bit, codeAt, has, skipBack } from "./characters.js";
import { SECRET } from "./labels.js";
import type { Scan } from "./Scan.js";
import { startsWithFolded } from "./spellings.js";
import { hasDigitAt, looksSecretAt, MAX_NAME, mayNameSecret, Secrecy, secrecyAt } from "./secretNames.js";

const SPACE = 32;
const EQUALS = 61;
const LESS = 60;
const BACKSLASH = 92;
/** The one scheme of authorisation whose parameters are quoted. */
const DIGEST = "digest ";
const WORDLESS = new Set(["undefined", "null", "true", "false", "none"]);
const LONGEST_WORDLESS = 9;
/** A value that begins so goes on over a blank, also where an equals sign stands for the colon. */
const SCHEMES = ["basic ", "bearer ", DIGEST, "negotiate ", "token ", "apikey "];
/** Headers whose value goes on over blanks. */
const HEADERS = ["authorization", "cookie"];

/** A secret that is given a name: `password=…`, `"apiKey": "…"`, `Authorization: …`; the sign is at `index`. */
export function matchAssignment(scan: Scan, index: number): boolean {
  const { text, to } = scan;
  let nameEnd = index;
  if (codeAt(text, nameEnd - 1) === SPACE) nameEnd--;
  const isQuotedName = has(codeAt(text, nameEnd - 1), Bit.Quote);
  if (isQuotedName) nameEnd--;
  // Text that was escaped more than once has several backslashes before the quote.
  if (isQuotedName) while (codeAt(text, nameEnd - 1) === BACKSLASH) nameEnd--;
  if (!mayNameSecret(text, nameEnd)) return false;
  const isEqual = codeAt(text, index) === EQUALS;
  let start = index + 1;
  while (start < to && codeAt(text, start) === SPACE) start++;
  // A colon without a blank joins names (`land:secret:get`) more often than it assigns.
  const isJoined = !isEqual && start === index + 1 && !isQuotedName;
  const nameStart = skipBack(text, nameEnd, Math.max(0, nameEnd - MAX_NAME), Bit.Key);
  const secrecy = secrecyAt(text, nameStart, nameEnd);
  if (secrecy === Secrecy.None || (isJoined && secrecy === Secrecy.Weak)) return false;

  while (codeAt(text, start) === BACKSLASH) start++;
  const isQuotedValue = has(codeAt(text, start), Bit.Quote);
  const isHeader = isHeaderName(text, nameStart, nameEnd) && (!isEqual || SCHEMES.some((scheme) => startsWithFolded(text, start, scheme)));
  const end = isQuotedValue ? quotedEnd(scan, start) : isHeader ? headerEnd(scan, start) : skipTo(text, start, to, Bit.ValueEnd);
  if (isQuotedValue) start++;
  if (end <= start || codeAt(text, start) === LESS) return false;
  if (end - start <= LONGEST_WORDLESS && WORDLESS.has(text.slice(start, end).toLowerCase())) return false;
  if (isHeader && startsWithFolded(text, start, DIGEST)) return scan.found(start, lineEnd(text, start, to), SECRET);
  const isSecret = secrecy === Secrecy.Weak || isJoined ? looksSecretAt(text, start, end) : isEqual || isQuotedValue || hasDigitAt(text, start, end);
  return isSecret && scan.found(start, end, SECRET);
}

function quotedEnd(scan: Scan, start: number): number {
  const closing = scan.nextQuote(codeAt(scan.text, start), start + 1);
  if (closing === -1) return scan.to;
  let end = closing;
  while (codeAt(scan.text, end - 1) === BACKSLASH) end--;
  return end;
}

/** A header's value goes to the end of the line, over blanks. */
function headerEnd(scan: Scan, from: number): number {
  if (from < scan.headerEnd) return scan.headerEnd;
  return (scan.headerEnd = skipTo(scan.text, from, scan.to, Bit.HeaderEnd));
}

function lineEnd(text: string, from: number, to: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 || end > to ? to : end;
}

function isHeaderName(text: string, start: number, end: number): boolean {
  for (const header of HEADERS) {
    if (end - start >= header.length && startsWithFolded(text, end - header.length, header)) return true;
  }
  return false;
}

/** The index of the first character from `from` on that has one of the bits. */
function skipTo(text: string, from: number, to: number, bits: number): number {
  let index = from;
  while (index < to && !has(text.charCodeAt(index), bits)) index++;
  return index;
}
