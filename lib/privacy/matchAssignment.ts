import { Bit, has, skipBack } from "./characters.js";
import { SECRET } from "./labels.js";
import type { Scan } from "./Scan.js";
import { startsWithFolded } from "./spellings.js";
import { looksSecret, MAX_NAME, mayNameSecret, Secrecy, secrecyOf } from "./secretNames.js";

const SPACE = 32;
const EQUALS = 61;
const LESS = 60;
const BACKSLASH = 92;
/** The one scheme of authorisation whose parameters are quoted. */
const DIGEST = "digest ";
const QUOTES = "\"'`";
const VALUE_END = " \t\r\n\"'`&;,)}]<>";
const HEADER_END = "\r\n\"'`<>";
const WORDLESS = new Set(["undefined", "null", "true", "false", "none"]);
const DIGIT = /\d/;
/** A value that begins so goes on over a blank, also where an equals sign stands for the colon. */
const SCHEMES = ["basic ", "bearer ", DIGEST, "negotiate ", "token ", "apikey "];
/** A value of a header: it goes on over blanks. */
const HEADER = /(?:authorization|cookie)$/i;

/** A secret that is given a name: `password=…`, `"apiKey": "…"`, `Authorization: …`; the sign is at `index`. */
export function matchAssignment(scan: Scan, index: number): boolean {
  const { text, to } = scan;
  let nameEnd = index;
  if (text.charCodeAt(nameEnd - 1) === SPACE) nameEnd--;
  const isQuotedName = has(text.charCodeAt(nameEnd - 1), Bit.PathStop) && QUOTES.includes(text.charAt(nameEnd - 1));
  if (isQuotedName) nameEnd--;
  // Text that was escaped more than once has several backslashes before the quote.
  if (isQuotedName) while (text.charCodeAt(nameEnd - 1) === BACKSLASH) nameEnd--;
  if (!mayNameSecret(text, nameEnd)) return false;
  const isEqual = text.charCodeAt(index) === EQUALS;
  let start = index + 1;
  while (start < to && text.charCodeAt(start) === SPACE) start++;
  // A colon without a blank joins names (`land:secret:get`) more often than it assigns.
  const isJoined = !isEqual && start === index + 1 && !isQuotedName;
  const nameStart = skipBack(text, nameEnd, Math.max(0, nameEnd - MAX_NAME), Bit.Key);
  const name = text.slice(nameStart, nameEnd);
  const secrecy = secrecyOf(name);
  if (secrecy === Secrecy.None || (isJoined && secrecy === Secrecy.Weak)) return false;

  while (text.charCodeAt(start) === BACKSLASH) start++;
  const isQuotedValue = QUOTES.includes(text.charAt(start) || " ");
  const isHeader = HEADER.test(name) && (!isEqual || SCHEMES.some((scheme) => startsWithFolded(text, start, scheme)));
  const end = isQuotedValue ? quotedEnd(scan, start) : isHeader ? headerEnd(scan, start) : valueEnd(text, start, to);
  if (isQuotedValue) start++;
  if (end <= start || text.charCodeAt(start) === LESS) return false;
  const value = text.slice(start, Math.min(end, start + MAX_NAME));
  if (WORDLESS.has(value.toLowerCase())) return false;
  if (isHeader && startsWithFolded(text, start, DIGEST)) return scan.found(start, lineEnd(text, start, to), SECRET);
  const isSecret = secrecy === Secrecy.Weak || isJoined ? looksSecret(value) : isEqual || isQuotedValue || DIGIT.test(value);
  return isSecret && scan.found(start, end, SECRET);
}

function quotedEnd(scan: Scan, start: number): number {
  const closing = scan.nextQuote(scan.text.charCodeAt(start), start + 1);
  if (closing === -1) return scan.to;
  let end = closing;
  while (scan.text.charCodeAt(end - 1) === BACKSLASH) end--;
  return end;
}

/** A header's value goes to the end of the line, over blanks. */
function headerEnd(scan: Scan, from: number): number {
  if (from < scan.headerEnd) return scan.headerEnd;
  let index = from;
  while (index < scan.to && !HEADER_END.includes(scan.text.charAt(index))) index++;
  scan.headerEnd = index;
  return index;
}

function lineEnd(text: string, from: number, to: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 || end > to ? to : end;
}

function valueEnd(text: string, from: number, to: number): number {
  let index = from;
  while (index < to && !VALUE_END.includes(text.charAt(index))) index++;
  return index;
}
