import type { Scan } from "./Scan.js";
import type { Text } from "./Text.js";
import { Code, LOWER, Bit, has, tableOf, tableOfBits, isIn, tableOfStarts } from "./characters.js";
import {
  signCode,
  signLength,
  separatorLength,
  skipSeparators,
  colonLength,
  encodedColonBefore,
  wordStart,
} from "./encodings.js";
import { pathFound } from "./matchPath.js";
import { TOKEN } from "./matchToken.js";
import { isPathRoot } from "./pathSegments.js";

/** `Bit.UrlStop` in a table of its own: most of the cost of a URL is to look for its end. */
const STOPS = tableOfBits(Bit.UrlStop);
const CREDENTIALS = "<credentials>";
const QUERY = "<query>";

/** Schemes whose path is one of a file system. */
const FILE_SCHEMES = [
  "file",
  "vscode",
  "untitled",
  "unix",
  "sqlite",
  "sftp",
  "scp",
  "smb",
  "nfs",
  "afp",
  "wsl",
];
/** Addresses whose path is the secret. */
const WEBHOOK =
  /^(?:hooks\.slack(?:-gov)?\.com\/|(?:canary\.|ptb\.)?discord(?:app)?\.com\/api\/(?:v\d\d?\/)?webhooks\/|outlook\.office\.com\/webhook|hooks\.zapier\.com\/|maker\.ifttt\.com\/|open\.(?:feishu\.cn|larksuite\.com)\/open-apis\/bot\/|api\.telegram\.org\/bot)/;
/** As much of an address as has to be looked at, encoded several times. */
const MAX_WEBHOOK = 96;
const ENCODED_SLASH = /%(?:25)*2f/g;
/** Hosts below this one have a webhook of their own each. */
const OFFICE_WEBHOOK = ".webhook.office.com";

/** How those addresses begin. */
const WEBHOOK_HEADS = [
  "hooks.",
  "discord",
  "canary.",
  "ptb.",
  "outlook.",
  "maker.",
  "open.",
  "api.",
];
/** The characters that these begin with, in both cases: most URLs need no further look. */
const FILE_STARTS = tableOfStarts(FILE_SCHEMES);
const WEBHOOK_STARTS = tableOfStarts(WEBHOOK_HEADS);

/** Where the scheme begins when the separator at `index` is the first of a `://`; -1 when it is not. */
export function urlStart(scan: Scan, index: number): number {
  const { text } = scan;
  const colon = colonBefore(text, index);
  if (colon === -1) return -1;
  const length = separatorLength(text, index);
  if (
    colon <= scan.last ||
    separatorLength(text, index + length) === 0 ||
    index + length >= scan.to
  )
    return -1;
  const start = schemeStart(scan, colon);
  return start < colon - 1 ? start : -1;
}

/** A URL whose scheme begins at `start` and whose `//` is at `index`: its credentials, or its path when it names a file. */
export function matchUrl(scan: Scan, start: number, index: number): boolean {
  const { text } = scan;
  const host = index + 2 * separatorLength(text, index);
  const isNew = index >= scan.urlEnd;
  if (isNew) scan.urlEnd = text.find(host, scan.to, STOPS);
  if (isFileScheme(text, schemeName(text, colonBefore(text, index), start)))
    return matchFile(scan, start, host);
  if (isNew && separatorLength(text, host) > 0)
    return isPathRoot(text, skipSeparators(text, host)) && pathFound(scan, host, host, true);
  const end = authorityEnd(text, host, scan.urlEnd);
  const at = credentialsEnd(scan, host, end, isNew);
  if (at !== -1) return scan.found(host, at, CREDENTIALS);
  if (!isWebhook(text, host, end)) return false;
  const secret = end + separatorLength(text, end);
  const secretEnd = trimmed(text, secret, scan.urlEnd);
  return secretEnd > secret && scan.found(secret, secretEnd, TOKEN);
}

/**
 * A query string: whatever follows the `?` of a URL, elsewhere what has the form of a parameter. The question mark, of
 * `length` characters when it is encoded, is at `index`.
 */
export function matchQuery(scan: Scan, index: number, length: number): boolean {
  const { text, to } = scan;
  const start = index + length;
  let end = scan.urlEnd;
  if (index >= end) {
    const key = text.skip(start, to, Bit.Key);
    if (key === start || !isEquals(text, key)) return false;
    end = text.find(key, to, STOPS);
  }
  end = trimmed(text, start, end);
  return end > start && scan.found(start, end, QUERY);
}

/** A URL's fragment that holds parameters, as sign-in redirects carry them; its sign has `length` characters. */
export function matchFragment(scan: Scan, index: number, length: number): boolean {
  if (index >= scan.urlEnd || index < scan.fragmentEnd) return false;
  scan.fragmentEnd = scan.urlEnd;
  const { text, urlEnd } = scan;
  for (let at = index + length; at < urlEnd; at++) {
    if (isEquals(text, at))
      return scan.found(index + length, trimmed(text, index + length, urlEnd), QUERY);
  }
  return false;
}

function isEquals(text: Text, index: number): boolean {
  return signAt(text, index) === Code.Equals;
}

function isFileScheme(text: Text, index: number): boolean {
  return isIn(FILE_STARTS, text.at(index)) && startsWithOne(FILE_SCHEMES, text, index);
}

/** Where the last part of a scheme begins, which says what it names: `git+file`, or the end of a sentence before it. */
function schemeName(text: Text, colon: number, start: number): number {
  return text.skipBack(colon, start, Bit.Token);
}

function isWebhook(text: Text, host: number, end: number): boolean {
  if (
    (text.at(end - 1) | LOWER) === Code.M &&
    text.hasFolded(end - OFFICE_WEBHOOK.length, OFFICE_WEBHOOK)
  )
    return true;
  if (!isIn(WEBHOOK_STARTS, text.at(host)) || !startsWithOne(WEBHOOK_HEADS, text, host))
    return false;
  return WEBHOOK.test(
    text.source
      .slice(host, host + MAX_WEBHOOK)
      .toLowerCase()
      .replaceAll(ENCODED_SLASH, "/"),
  );
}

function startsWithOne(beginnings: readonly string[], text: Text, index: number): boolean {
  for (const beginning of beginnings) if (text.hasFolded(index, beginning)) return true;
  return false;
}

function colonBefore(text: Text, index: number): number {
  if (text.at(index - 1) === Code.Colon) return index - 1;
  const length = encodedColonBefore(text, index);
  return length > 0 ? index - length : -1;
}

function schemeStart(scan: Scan, colon: number): number {
  // The letters and digits of an escape before it are none of its own.
  return Math.min(
    colon,
    wordStart(scan.text, scan.text.skipBack(colon, scan.last, Bit.Scheme), scan.to),
  );
}

function matchFile(scan: Scan, start: number, host: number): boolean {
  const { text } = scan;
  let index = host;
  while (index < scan.urlEnd && separatorLength(text, index) === 0) index++;
  if (index + 1 >= scan.urlEnd) return false;
  const drive = index + separatorLength(text, index);
  const colon = has(text.at(drive), Bit.Letter) ? colonLength(text, drive + 1) : 0;
  const first =
    colon > 0 && separatorLength(text, drive + 1 + colon) > 0 ? drive + 1 + colon : index;
  return pathFound(scan, start, first, true);
}

function endsAuthority(code: number): boolean {
  return (
    code === Code.Question || code === Code.Hash || code === Code.Slash || code === Code.Backslash
  );
}

/** What ends an authority, and what that begins with when it is encoded. */
const AUTHORITY_ENDS = tableOf((code) => endsAuthority(code) || code === Code.Percent);

function authorityEnd(text: Text, from: number, to: number): number {
  let index = text.find(from, to, AUTHORITY_ENDS);
  while (index < to && !endsAuthority(signAt(text, index)))
    index = text.find(index + 1, to, AUTHORITY_ENDS);
  return index;
}

/** The sign at `index`, also when it is encoded. */
function signAt(text: Text, index: number): number {
  return signCode(text, index, signLength(text, index));
}

/** A colon, `@` or encoded sign in an authority: most have none. */
const SIGNS = tableOf((code) => code === Code.Colon || code === Code.At || code === Code.Percent);

/** The `@` after the credentials of a URL, or -1. A password may hold a slash; a port is a number. */
function credentialsEnd(scan: Scan, host: number, end: number, isNew: boolean): number {
  const { text } = scan;
  let at = -1;
  let isPort = true;
  let colon = -1;
  for (let index = text.find(host, end, SIGNS); index < end; index++) {
    const code = signAt(text, index);
    if (code === Code.At) at = index;
    else if (code === Code.Colon && text.at(host) !== Code.OpenBracket) {
      colon = index;
      // The digits of an encoded sign are those of no port.
      index += signLength(text, index) - 1;
    } else if (colon !== -1 && !has(code, Bit.Digit)) isPort = false;
  }
  if (at !== -1 || colon === -1 || isPort || !isNew) return at;
  const later = text.source.indexOf("@", end);
  if (later !== -1 && later < scan.urlEnd) return later;
  // The text was cut before an `@` could come.
  return scan.urlEnd === scan.to && scan.to < text.length ? scan.to : -1;
}

function trimmed(text: Text, from: number, to: number): number {
  let end = to;
  while (end > from && has(text.at(end - 1), Bit.Trailing)) end--;
  return end;
}
