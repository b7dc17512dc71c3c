import { Bit, has } from "./characters.js";
import type { Scan } from "./Scan.js";
import type { Text } from "./Text.js";

const EMAIL = "<email>";
const DOT = 46;
const SHORTEST_TOP = 2;
/** Last parts of file names that are no top-level domain, so that `chunk@next.js` is no address. */
const EXTENSIONS = new Set("js mjs cjs ts mts cts tsx jsx json css map node html wasm".split(" "));
const VERSION = /^v?\d+\.\d/;
const TOP_LEVEL = /^[a-z\u0080-\uffff][a-z0-9\u0080-\uffff-]+$/i;
/** Longest domain there is. */
const MAX_DOMAIN = 253;

/** An e-mail address whose `@`, `length` characters of it (`%40` has three), is at `index`. */
export function matchEmail(scan: Scan, index: number, length: number): boolean {
  const { text } = scan;
  const start = text.skipBack(index, Math.max(scan.last, scan.localFloor), Bit.Local);
  scan.localFloor = index + length;
  if (start === index) return false;
  const end = domainEnd(text, index + length, Math.min(scan.to, index + length + MAX_DOMAIN));
  return end !== -1 && scan.found(quoteless(text, start), end, EMAIL);
}

function domainEnd(text: Text, from: number, limit: number): number {
  let end = text.skip(from, limit, Bit.Domain);
  while (end > from && !has(text.at(end - 1), Bit.Word)) end--;
  if (!hasDot(text, from, end)) return -1;
  const domain = text.source.slice(from, end);
  const dot = domain.lastIndexOf(".");
  if (dot < 1 || domain.charCodeAt(0) === DOT) return -1;
  const top = domain.slice(dot + 1);
  if (!TOP_LEVEL.test(top) || EXTENSIONS.has(top.toLowerCase()) || VERSION.test(domain)) return -1;
  return end;
}

/** Whether a dot stands before the two last characters, and not at the beginning: a look before the domain is cut out. */
function hasDot(text: Text, from: number, end: number): boolean {
  for (let index = end - SHORTEST_TOP - 1; index > from; index--)
    if (text.at(index) === DOT) return true;
  return false;
}

/** An address in single quotes: the quote could begin a local part, but does not. */
function quoteless(text: Text, start: number): number {
  return text.source.charAt(start) === "'" ? start + 1 : start;
}
