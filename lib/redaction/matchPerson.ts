import { endOf } from "./matchToken.js";
import type { Rule } from "./Rules.js";
import type { Search } from "./Search.js";
import { ASCII, Code, isWord } from "./tables/characters.js";
import { NO_DOMAINS } from "./tables/places.js";

/** The user's name as a whole word; one that is short or common only in a path or an address. */
export const matchUser: Rule = (search, index) => {
  const { text, hints } = search;
  const { users, rareUsers } = search.rules.places;
  if (hints?.named === true) return false;
  const before = text.charCodeAt(index - 1);
  let end = rareUsers === undefined ? -1 : endOf(rareUsers, text, index);
  // A member of that name: `list.filter(`.
  if (end !== -1 && before === Code.Dot && isWord(text.charCodeAt(index - 2))) end = -1;
  if (end === -1 && users !== undefined) {
    end = endOf(users, text, index);
    const isPlace = (code: number): boolean => code === Code.Slash || code === Code.Backslash;
    if (end !== -1 && !isPlace(before) && text.charCodeAt(end) !== Code.At) end = -1;
  }
  return end !== -1 && search.found("user", index, end);
};

/** Longest parts of an address that there are. */
const MAX_LOCAL = 64;
const DOMAIN =
  /[A-Za-z\d\u0080-\uffff](?:[A-Za-z\d.\u0080-\uffff-]{0,251})(?<=[A-Za-z\d\u0080-\uffff])/y;
const TOP_LEVEL = /\.([a-z\u0080-\uffff][a-z\d\u0080-\uffff-]+)$/i;
/** A version, a scale, a number of a unit: `pkg@1.2.3`, `foo@2x.png`, `user@1000.service`. */
const NO_HOST = /^(?:v?\d+(?:x|\.\d)|\d+\.)/i;

/** An e-mail address whose `@` is at `index`. */
export function matchEmail(search: Search, index: number): void {
  const { text } = search;
  const floor = Math.max(search.last, index - MAX_LOCAL);
  let start = index;
  while (start > floor && isLocal(text.charCodeAt(start - 1))) start--;
  // A quote or a dot before it is none of its own.
  while (start < index && /['.]/.test(text.charAt(start))) start++;
  if (start === index || text.charCodeAt(index + 1) === Code.At) return;
  const end = endOf(DOMAIN, text, index + 1);
  const domain = end === -1 ? "" : text.slice(index + 1, end);
  const top = TOP_LEVEL.exec(domain)?.[1];
  if (top === undefined || NO_DOMAINS.has(top.toLowerCase()) || NO_HOST.test(domain)) return;
  search.found("email", start, end);
}

function isLocal(code: number): boolean {
  return (
    code >= ASCII ||
    isWord(code) ||
    ".+-'".includes(String.fromCharCode(code)) ||
    code === Code.Underscore
  );
}
