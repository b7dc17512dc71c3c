import type { Rule } from "./Rules.js";

/** The rest of a token that is longer than the part that was tested. */
const REST = /[\w-]*(?:\.[\w-]{9,128}){0,8}/y;
const REST_OF_BASE64 = /[\w+/=.~%-]*/y;
/** Characters that are tested before a token counts as one: hostile text has many beginnings before one long rest. */
export const MAX_TEST = 128;

/** A pattern that matches any of these words, which are separated by spaces. */
export function alternatives(words: string): string {
  const escaped = words.split(" ").map((word) => word.replace(/[$.*+?|()[\]{}^\\]/g, "\\$&"));
  return `(?:${escaped.join("|")})`;
}

/** The end of a sticky pattern's match at `index`, or -1. */
export function endOf(pattern: RegExp, text: string, index: number): number {
  pattern.lastIndex = index;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/** Whether a string looks random: it has letters and digits, or letters of both cases. */
export function isMixed(text: string): boolean {
  return /[A-Za-z]/.test(text) && (/\d/.test(text) || (/[a-z]/.test(text) && /[A-Z]/.test(text)));
}

/** Characters that `isMixed` is not applied to: a token's beginning is fixed and says nothing about the rest. */
const HEAD_LENGTH = 3;
/** A rule for tokens of this form. A group in the pattern matches before the word, and the token begins with it. */
export function tokenRule(name: string, source: string): Rule {
  const pattern = new RegExp(source, "y");
  return (search, index) => {
    const { text } = search;
    pattern.lastIndex = index;
    const match = pattern.exec(text);
    if (match === null) return false;
    const start = index - (match[1]?.length ?? 0);
    const tested = pattern.lastIndex;
    if (!isMixed(text.slice(start + HEAD_LENGTH, tested))) return false;
    const rest = tested - index > MAX_TEST ? REST_OF_BASE64 : REST;
    return search.found(`token.${name}`, start, endOf(rest, text, tested));
  };
}

const KEY_HEAD = /BEGIN[ +][A-Z\d +_-]{0,64}PRIVATE[ +]KEY|PuTTY-User-Key-File-/y;
const KEY_END = "-----END";
const DASHES = "-----";

/** A private key block. One without an end takes the rest of the text; so does PuTTY's, whose private part is last. */
export const matchPrivateKey: Rule = (search, index) => {
  const { text } = search;
  if (endOf(KEY_HEAD, text, index) === -1) return false;
  const start = text.startsWith(DASHES, index - DASHES.length) ? index - DASHES.length : index;
  const end = start === index ? -1 : text.indexOf(KEY_END, index);
  const close = end === -1 ? -1 : text.indexOf(DASHES, end + KEY_END.length);
  return search.found("private-key", start, close === -1 ? text.length : close + DASHES.length);
};

const DATA_HEAD = /data:[^,\s"'`<>]{0,128};base64,/iy;
const DATA = /[\w+/=%-]+/y;

/** The content of a `data:` URL. */
export const matchData: Rule = (search, index) => {
  const start = endOf(DATA_HEAD, search.text, index);
  return start !== -1 && search.found("data", start, endOf(DATA, search.text, start));
};
