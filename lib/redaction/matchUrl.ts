import { pathFound, trimmed } from "./matchPath.js";
import { endOf } from "./matchToken.js";
import type { Search } from "./Search.js";
import { Code, oneOf } from "./tables/characters.js";
import { FILE_SCHEMES, NO_DOMAINS, ROOTS, WEBHOOKS } from "./tables/places.js";

/** Longest scheme. */
const MAX_SCHEME = 32;
const URL_END = /[^\s"'`<>]*/y;
const CLOSED_END = /[^\s"'`<>()]*(?:\([^\s"'`<>()]*\)[^\s"'`<>()]*){0,8}/y;
/** A host with at most a port, as in most URLs: no credentials. */
const HOST = /[\w.-]{0,1024}(?::\d*)?(?![^\s"'`<>/?#\\])/y;
const AUTHORITY = /[^\s"'`<>/?#\\]{0,1024}/y;
/** The limit within which an `@` is looked for after a password that contains a slash. */
const CREDENTIALS = /[^\s"'`<>]{0,256}?@/y;

/** Where the scheme begins if the separator at `index` is the first slash of a `://`; else -1. */
export function urlScheme({ text, last }: Search, index: number): number {
  if (text.charCodeAt(index - 1) !== Code.Colon || text.charCodeAt(index + 1) !== Code.Slash)
    return -1;
  const floor = Math.max(last, index - 1 - MAX_SCHEME);
  let start = index - 1;
  while (start > floor && isScheme(text.charCodeAt(start - 1))) start--;
  return start < index - 2 ? start : -1;
}

const isScheme = oneOf(/[A-Za-z\d+.-]/);

/** The credentials, secret path or file path of a URL whose scheme begins at `start` and whose `//` is at `index`. */
export function matchUrl(search: Search, start: number, index: number): boolean {
  const { text } = search;
  const host = index + 2;
  // A URL inside another one ends where that does.
  if (index >= search.urlEnd)
    search.urlEnd = endOf(text.charAt(start - 1) === "(" ? CLOSED_END : URL_END, text, host);
  const scheme = text.slice(start, index - 1);
  if (FILE_SCHEMES.test(scheme)) return matchFile(search, start, host);
  if (text.charCodeAt(host) === Code.Slash) {
    const root = /^\/+([\w]+)\/[\w.@-]/.exec(text.slice(host, host + MAX_SCHEME))?.[1];
    return (
      root !== undefined &&
      ROOTS.has(root.toLowerCase()) &&
      pathFound(search, "path.root", host, host)
    );
  }
  if (endOf(HOST, text, host) === -1) {
    const authority = text.slice(host, endOf(AUTHORITY, text, host));
    let at = authority.lastIndexOf("@");
    if (at === -1 && /^[^[\]:]*:(?!\d*$)/.test(authority))
      at = endOf(CREDENTIALS, text, host) - 1 - host;
    if (at > 0 && authority.slice(0, at) !== "git")
      return search.found("url.credentials", host, host + at);
  }
  const secret = endOf(WEBHOOKS, text, host);
  return secret !== -1 && search.found("url.webhook", secret, trimmed(text, secret, search.urlEnd));
}

const FILE_HOST = /[^\s"'`<>\\/]*/y;
const DRIVE = /[\\/]+[A-Za-z]:(?=[\\/])/y;

function matchFile(search: Search, start: number, host: number): boolean {
  const { text, urlEnd } = search;
  const index = endOf(FILE_HOST, text, host);
  if (index + 1 >= urlEnd) return false;
  return pathFound(search, "path.url", start, Math.max(index, endOf(DRIVE, text, index)));
}

const PARAMETER = /[\w.[\]%-]{1,64}=/y;
const FRAGMENT = /[^\s"'`<>=]*=/y;
/** What precedes a query: nothing, or an address. After a single word the `?` is an operator, `a?b=c:d`. */
const ADDRESS = /(?:^|[\s"'`=(:,<>[&\u0080-\uffff]|[/.][^\s"'`()<>]{0,64})$/;
const MAX_ADDRESS = 65;

/** A query: whatever follows the question mark of a URL; elsewhere, only what has the form of a parameter. */
export function matchQuery(search: Search, index: number): void {
  const { text } = search;
  const start = index + 1;
  let end = search.urlEnd;
  if (index >= end) {
    if (endOf(PARAMETER, text, start) === -1) return;
    if (!ADDRESS.test(text.slice(Math.max(0, index - MAX_ADDRESS), index))) return;
    end = endOf(URL_END, text, start);
  }
  search.found("url.query", start, trimmed(text, start, end));
}

/** A URL's fragment with parameters, as in sign-in redirects. */
export function matchFragment(search: Search, index: number): void {
  const { text, urlEnd } = search;
  if (index >= urlEnd || index < search.fragmentEnd) return;
  search.fragmentEnd = urlEnd;
  if (endOf(FRAGMENT, text, index + 1) === -1) return;
  search.found("url.fragment", index + 1, trimmed(text, index + 1, urlEnd));
}

/** Longest local part of an address, and the longest domain. */
const MAX_LOCAL = 64;
const DOMAIN =
  /[A-Za-z\d\u0080-\uffff](?:[A-Za-z\d.\u0080-\uffff-]{0,251})(?<=[A-Za-z\d\u0080-\uffff])/y;
const TOP_LEVEL = /\.([a-z\u0080-\uffff][a-z\d\u0080-\uffff-]+)$/i;
/** Not a host but a version, a scale or a unit's number: `pkg@1.2.3`, `foo@2x.png`, `user@1000.service`. */
const NO_HOST = /^(?:v?\d+(?:x|\.\d)|\d+\.)/i;

/** An e-mail address whose `@` is at `index`. */
export function matchEmail(search: Search, index: number): void {
  const { text } = search;
  const floor = Math.max(search.last, index - MAX_LOCAL);
  let start = index;
  while (start > floor && isLocal(text.charCodeAt(start - 1))) start--;
  // A leading quote or dot is not part of the address.
  while (start < index && /['.]/.test(text.charAt(start))) start++;
  if (start === index || text.charCodeAt(index + 1) === Code.At) return;
  const end = endOf(DOMAIN, text, index + 1);
  const domain = end === -1 ? "" : text.slice(index + 1, end);
  const top = TOP_LEVEL.exec(domain)?.[1];
  if (top === undefined || NO_DOMAINS.has(top.toLowerCase()) || NO_HOST.test(domain)) return;
  search.found("email", start, end);
}

const isLocal = oneOf(/[\w.+'-]/, true);
