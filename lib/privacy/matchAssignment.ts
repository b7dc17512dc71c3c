import { Bit, has, skipBack } from "./characters.js";
import { SECRET } from "./labels.js";
import type { Scan } from "./Scan.js";
import { looksSecret, MAX_NAME, Secrecy, secrecyOf } from "./secretNames.js";

const SPACE = 32;
const EQUALS = 61;
const LESS = 60;
const QUOTES = "\"'`";
const VALUE_END = " \t\r\n\"'`&;,)}]<>";
const WORDLESS = new Set(["undefined", "null", "true", "false", "none"]);
const DIGIT = /\d/;
/** A value of a header: it goes on over blanks. */
const HEADER = /(?:authorization|cookie)$/i;

/** A secret that is given a name: `password=…`, `"apiKey": "…"`, `Authorization: …`; the sign is at `index`. */
export function matchAssignment(scan: Scan, index: number): boolean {
  const { text, to } = scan;
  const isEqual = text.charCodeAt(index) === EQUALS;
  let nameEnd = index;
  if (text.charCodeAt(nameEnd - 1) === SPACE) nameEnd--;
  const isQuotedName = QUOTES.includes(text.charAt(nameEnd - 1) || " ");
  if (isQuotedName) nameEnd--;
  if (isQuotedName && text.charAt(nameEnd - 1) === "\\") nameEnd--;
  if (!has(text.charCodeAt(nameEnd - 1), Bit.Letter)) return false;
  let start = index + 1;
  while (start < to && text.charCodeAt(start) === SPACE) start++;
  // A colon without a blank joins names (`land:secret:get`) more often than it assigns.
  const isJoined = !isEqual && start === index + 1 && !isQuotedName;
  const nameStart = skipBack(text, nameEnd, Math.max(0, nameEnd - MAX_NAME), Bit.Key);
  const name = text.slice(nameStart, nameEnd);
  const secrecy = secrecyOf(name);
  if (secrecy === Secrecy.None || (isJoined && secrecy === Secrecy.Weak)) return false;

  if (text.charAt(start) === "\\") start++;
  const isQuotedValue = QUOTES.includes(text.charAt(start) || " ");
  const end = isQuotedValue ? quotedEnd(scan, start) : valueEnd(text, start, to, !isEqual && HEADER.test(name));
  if (isQuotedValue) start++;
  if (end <= start || text.charCodeAt(start) === LESS) return false;
  const value = text.slice(start, Math.min(end, start + MAX_NAME));
  if (WORDLESS.has(value.toLowerCase())) return false;
  const isSecret = secrecy === Secrecy.Weak || isJoined ? looksSecret(value) : isEqual || isQuotedValue || DIGIT.test(value);
  return isSecret && scan.found(start, end, SECRET);
}

function quotedEnd(scan: Scan, start: number): number {
  const closing = scan.nextQuote(scan.text.charCodeAt(start), start + 1);
  if (closing === -1) return scan.to;
  return scan.text.charAt(closing - 1) === "\\" ? closing - 1 : closing;
}

function valueEnd(text: string, from: number, to: number, isHeader: boolean): number {
  let index = from;
  while (index < to) {
    const character = text.charAt(index);
    if (isHeader ? "\r\n\"'`<>".includes(character) : VALUE_END.includes(character)) break;
    index++;
  }
  return index;
}
