import { Bit, codeAt, has, skip, skipBack } from "./characters.js";
import { pathFound } from "./matchPath.js";
import { TOKEN } from "./labels.js";
import type { Scan } from "./Scan.js";
import { colonLength, separatorLength } from "./separators.js";
import { startsWithFolded } from "./spellings.js";

const ASCII = 128;
/** `Bit.UrlStop` in a table of its own: most of the cost of a URL is to look for its end. */
const STOPS = Uint8Array.from({ length: ASCII }, (_, code) => (has(code, Bit.UrlStop) ? 1 : 0));
const AT = 64;
const COLON = 58;
const QUESTION = 63;
const HASH = 35;
const EQUALS = 61;
const OPEN_BRACKET = 91;
const CREDENTIALS = "<credentials>";
const QUERY = "<query>";

/** Schemes whose path is one of a file system. */
const FILE_SCHEMES = ["file", "vscode", "untitled", "unix", "sqlite", "sftp", "scp", "smb", "nfs", "afp", "wsl"];
/** Addresses whose path is the secret. */
const WEBHOOKS = ["hooks.slack.com/", "discord.com/api/webhooks/", "discordapp.com/api/webhooks/", "outlook.office.com/webhook/", "api.telegram.org/bot"];

/** The characters that these begin with, in both cases: most URLs need no further look. */
const FILE_STARTS = startsOf(FILE_SCHEMES);
const WEBHOOK_STARTS = startsOf(WEBHOOKS);

/** Whether the separator at `index` is the first of a `://`. */
export function isUrl(scan: Scan, index: number): boolean {
  const { text } = scan;
  const colon = colonBefore(text, index);
  if (colon === -1) return false;
  const length = separatorLength(text, index);
  return colon > scan.last && separatorLength(text, index + length) > 0 && index + length < scan.to && schemeStart(scan, colon) < colon - 1;
}

/** A URL whose `//` is at `index`: its credentials, or its path when it names a file. */
export function matchUrl(scan: Scan, index: number): boolean {
  const { text } = scan;
  const start = schemeStart(scan, colonBefore(text, index));
  const host = index + 2 * separatorLength(text, index);
  const isNew = index >= scan.urlEnd;
  if (isNew) scan.urlEnd = skipUrl(text, host, scan.to);
  if (beginningAt(FILE_SCHEMES, FILE_STARTS, text, start) !== undefined) return matchFile(scan, start, host);
  const end = authorityEnd(text, host, scan.urlEnd);
  const at = credentialsEnd(scan, host, end, isNew);
  if (at !== -1) return scan.found(host, at, CREDENTIALS);
  const webhook = beginningAt(WEBHOOKS, WEBHOOK_STARTS, text, host);
  if (webhook === undefined) return false;
  const secret = host + webhook.length;
  const secretEnd = trimmed(text, secret, scan.urlEnd);
  return secretEnd > secret && scan.found(secret, secretEnd, TOKEN);
}

/** A query string at `index`: whatever follows the `?` of a URL, elsewhere what has the form of a parameter. */
export function matchQuery(scan: Scan, index: number): boolean {
  const { text, to } = scan;
  let end = scan.urlEnd;
  if (index >= end) {
    const key = skip(text, index + 1, to, Bit.Key);
    if (key === index + 1 || codeAt(text, key) !== EQUALS) return false;
    end = skipUrl(text, key, to);
  }
  end = trimmed(text, index + 1, end);
  return end > index + 1 && scan.found(index + 1, end, QUERY);
}

/** A URL's fragment that holds parameters, as sign-in redirects carry them. */
export function matchFragment(scan: Scan, index: number): boolean {
  if (index >= scan.urlEnd || index < scan.fragmentEnd) return false;
  scan.fragmentEnd = scan.urlEnd;
  const equals = scan.text.indexOf("=", index);
  return equals !== -1 && equals < scan.urlEnd && scan.found(index + 1, trimmed(scan.text, index + 1, scan.urlEnd), QUERY);
}

/** Which of the beginnings stands at `index`. */
function beginningAt(beginnings: readonly string[], starts: Uint8Array, text: string, index: number): string | undefined {
  return starts[codeAt(text, index)] === 1 ? beginnings.find((candidate) => startsWithFolded(text, index, candidate)) : undefined;
}

function startsOf(beginnings: readonly string[]): Uint8Array {
  const starts = new Uint8Array(ASCII);
  for (const beginning of beginnings) starts[beginning.charCodeAt(0)] = starts[beginning.toUpperCase().charCodeAt(0)] = 1;
  return starts;
}

function colonBefore(text: string, index: number): number {
  if (codeAt(text, index - 1) === COLON) return index - 1;
  return has(codeAt(text, index - 1), Bit.Hex) && colonLength(text, index - 3) === 3 ? index - 3 : -1;
}

function schemeStart(scan: Scan, colon: number): number {
  return skipBack(scan.text, colon, scan.last, Bit.Scheme);
}

function matchFile(scan: Scan, start: number, host: number): boolean {
  const { text } = scan;
  let index = host;
  while (index < scan.urlEnd && separatorLength(text, index) === 0) index++;
  if (index + 1 >= scan.urlEnd) return false;
  const drive = index + separatorLength(text, index);
  const colon = has(codeAt(text, drive), Bit.Letter) ? colonLength(text, drive + 1) : 0;
  const first = colon > 0 && separatorLength(text, drive + 1 + colon) > 0 ? drive + 1 + colon : index;
  return pathFound(scan, start, first, true);
}

function skipUrl(text: string, from: number, to: number): number {
  let index = from;
  for (; index < to; index++) {
    const code = codeAt(text, index);
    if (code < ASCII && STOPS[code] === 1) break;
  }
  return index;
}

function authorityEnd(text: string, from: number, to: number): number {
  let index = from;
  for (; index < to; index++) {
    const code = codeAt(text, index);
    if (code === QUESTION || code === HASH || separatorLength(text, index) > 0) break;
  }
  return index;
}

/** The `@` after the credentials of a URL, or -1. A password may hold a slash; a port is a number. */
function credentialsEnd(scan: Scan, host: number, end: number, isNew: boolean): number {
  const { text } = scan;
  let at = -1;
  let isPort = true;
  let colon = -1;
  for (let index = host; index < end; index++) {
    const code = codeAt(text, index);
    if (code === AT) at = index;
    else if (code === COLON && codeAt(text, host) !== OPEN_BRACKET) colon = index;
    else if (colon !== -1 && !has(code, Bit.Digit)) isPort = false;
  }
  if (at !== -1 || colon === -1 || isPort || !isNew) return at;
  const later = text.indexOf("@", end);
  if (later !== -1 && later < scan.urlEnd) return later;
  // The text was cut before an `@` could come.
  return scan.urlEnd === scan.to && scan.to < text.length ? scan.to : -1;
}

function trimmed(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && has(codeAt(text, end - 1), Bit.Trailing)) end--;
  return end;
}
