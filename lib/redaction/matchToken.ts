import type { Scan, Rule } from "./Scan.js";
import type { Text } from "./Text.js";
import { Code, Bit, has } from "./characters.js";
import {
  encodedLengthBefore,
  signCode,
  signLength,
  colonLength,
  encodedColonBefore,
  skipBlanks,
} from "./encodings.js";
import { looksSecretAt } from "./secrecy.js";
import type { TokenForm } from "./tokenForms.js";

/** What stands in the place of a token. */
export const TOKEN = "<token>";

/** A token of a known form. */
export function tokenRule(form: TokenForm): Rule {
  const { prefix, bits, least } = form;
  return (scan, index) => {
    if (!scan.text.startsWith(index, prefix)) return false;
    const from = index + prefix.length;
    const end = scan.text.skip(from, scan.to, bits);
    return end - from >= least && scan.found(index, scan.text.skip(end, scan.to, Bit.Token), TOKEN);
  };
}

const MIN_CREDENTIAL = 8;
const LONG_CREDENTIAL = 40;
const DIGIT = /\d/;
const MAX_LOOK = 256;
const PRINTABLE = /^[ -~]*$/;

/** What follows `Bearer` or `Basic`: a credential has digits or is long; the next word of a sentence has not. */
export const matchAuthorization: Rule = (scan, index) => {
  const { text, to } = scan;
  const word = text.skip(index, to, Bit.Letter);
  const start = skipBlanks(text, word, to);
  if (start === word) return false;
  const end = text.skip(start, to, Bit.Base64);
  const look = text.source.slice(start, Math.min(end, start + MAX_LOOK));
  const isCredential =
    end - start >= LONG_CREDENTIAL ||
    (end - start >= MIN_CREDENTIAL &&
      (DIGIT.test(look) || look.endsWith("=") || isUserAndPassword(look)));
  return isCredential && scan.found(start, end, TOKEN);
};

/** Whether a word is `user:password` in base64. */
function isUserAndPassword(word: string): boolean {
  try {
    const decoded = atob(word);
    return decoded.includes(":") && PRINTABLE.test(decoded);
  } catch {
    return false;
  }
}

const BEGIN = "BEGIN";
/** Its blanks can be encoded. */
const PRIVATE = /PRIVATE(?: |\+|%(?:25)*20)KEY/;
const DASHES = "-----";
const MAX_KIND = 72;

/** A private key block; one that does not end takes the rest of the text. */
export const matchPrivateKey: Rule = (scan, index) => {
  const { text, to } = scan;
  if (
    !text.source.startsWith(BEGIN, index) ||
    !PRIVATE.test(text.source.slice(index, index + MAX_KIND))
  )
    return false;
  const dashes = skipDashesBack(text, index, scan.last);
  const end = text.source.indexOf(`${DASHES}END`, index);
  const close = end === -1 ? -1 : text.source.indexOf(DASHES, end + DASHES.length);
  return scan.found(
    dashes,
    close === -1 || close > to ? to : close + DASHES.length,
    "<private-key>",
  );
};

function skipDashesBack(text: Text, index: number, floor: number): number {
  let start = index;
  while (start > floor && text.at(start - 1) === Code.Dash) start--;
  return start;
}

/** A PuTTY key file has its private part at the end, without a closing line. */
export const matchPuttyKey: Rule = (scan, index) =>
  scan.text.source.startsWith("PuTTY-User-Key-File-", index) &&
  scan.found(index, scan.to, "<private-key>");

const BOT_ID_LEAST = 23;
const BOT_ID_MOST = 28;
const BOT_TIME = 6;
const BOT_SECRET_LEAST = 27;

/** A Discord bot's token: the encoded id, the time and the secret, joined by dots. */
export const matchDiscord: Rule = (scan, index) => {
  const { text, to } = scan;
  const id = text.skip(index, Math.min(to, index + BOT_ID_MOST + 1), Bit.Word);
  if (id - index < BOT_ID_LEAST || text.at(id) !== Code.Dot) return false;
  const time = text.skip(id + 1, Math.min(to, id + 1 + BOT_TIME + 1), Bit.Token);
  if (time - id - 1 !== BOT_TIME || text.at(time) !== Code.Dot) return false;
  const end = text.skip(time + 1, to, Bit.Token);
  return end - time - 1 >= BOT_SECRET_LEAST && scan.found(index, end, TOKEN);
};

const AIRTABLE = "pat";
const AIRTABLE_ID = 14;
const AIRTABLE_SECRET_LEAST = 40;

/** An Airtable token: `pat` and 14 letters and digits, a dot, and 64 hex digits. */
export const matchAirtable: Rule = (scan, index) => {
  const { text } = scan;
  if (!text.startsWith(index, AIRTABLE)) return false;
  const dot = index + AIRTABLE.length + AIRTABLE_ID;
  if (text.at(dot) !== Code.Dot || text.skip(index, dot, Bit.Word) !== dot) return false;
  const end = text.skip(dot + 1, scan.to, Bit.Hex);
  return end - dot - 1 >= AIRTABLE_SECRET_LEAST && scan.found(index, end, TOKEN);
};

const TELEGRAM_ID_LEAST = 6;
const TELEGRAM_ID_MOST = 12;
const TELEGRAM_SECRET = 33;

/** A Telegram bot's token: its number, a colon, and 35 characters that begin with AA. */
export const matchTelegram: Rule = (scan, index) => {
  const { text } = scan;
  const colon = index - (text.at(index - 1) === Code.Colon ? 1 : encodedColonBefore(text, index));
  if (colon === index) return false;
  const start = text.skipBack(colon, Math.max(scan.last, colon - TELEGRAM_ID_MOST), Bit.Digit);
  const end = text.skip(index, scan.to, Bit.Token);
  return (
    colon - start >= TELEGRAM_ID_LEAST &&
    end - index >= TELEGRAM_SECRET &&
    scan.found(start, end, TOKEN)
  );
};

const MAILCHIMP_HEX = 32;

/** A Mailchimp key: 32 hex digits and the data centre. */
export const matchMailchimp: Rule = (scan, index) => {
  const { text } = scan;
  if (text.at(index - 1) !== Code.Dash || !has(text.at(index + 2), Bit.Digit)) return false;
  const start = index - 1 - MAILCHIMP_HEX;
  const first = text.skipBack(index - 1, Math.max(scan.last, start - 1), Bit.Hex);
  // One more digit before it makes it something else, unless that is one of an encoded sign.
  return (
    (first === start || (first < start && encodedLengthBefore(text, start) > 0)) &&
    scan.found(start, text.skip(index, scan.to, Bit.Word), TOKEN)
  );
};

/** An Azure client secret: three characters, a digit, `Q~` and at least 31 more; the `~`, `length` characters, is at `index`. */
export function matchAzure(scan: Scan, index: number, length: number): boolean {
  const { text } = scan;
  const start = index - AZURE_HEAD;
  if (
    start < scan.last ||
    text.source.charAt(index - 1) !== "Q" ||
    !has(text.at(index - 2), Bit.Digit)
  )
    return false;
  const end = text.skip(index + length, scan.to, Bit.Base64);
  return end - index - length >= AZURE_REST && scan.found(start, end, TOKEN);
}

const AZURE_HEAD = 5;
const AZURE_REST = 31;

const DATA = "data";
const BASE64 = /(?:;|%(?:25)*3B)base64(?:,|%(?:25)*2C)/i;
const MAX_MEDIA_TYPE = 128;

/** The content of a `data:` URL. */
export const matchData: Rule = (scan, index) => {
  if (
    !scan.text.source.startsWith(DATA, index) ||
    colonLength(scan.text, index + DATA.length) === 0
  )
    return false;
  const head = BASE64.exec(scan.text.source.slice(index, index + MAX_MEDIA_TYPE));
  if (head === null) return false;
  const start = index + head.index + head[0].length;
  const end = scan.text.skip(start, scan.to, Bit.Base64);
  return end > start && scan.found(start, end, "<data>");
};

/** The beginnings of the ids of AWS keys that have a secret. */
export const AWS_KEYS = ["AKIA", "ASIA"];
const AWS_ID = 20;
const AWS_SECRET = 40;
/** Blanks, quotes, a comma or a colon: what stands between an id and its secret. */
const MAX_BETWEEN = 8;

/** The end of at least as many characters of base64 as an AWS secret has, since a slash may follow it; `from` when there are fewer. */
function secretEnd(text: Text, from: number, to: number): number {
  let count = 0;
  let index = from;
  for (; index < to; count++) {
    const length = signLength(text, index);
    // The slash and the plus sign of base64 can be encoded; what ends it too.
    if (!has(signCode(text, index, length), Bit.Base64)) break;
    index += length;
  }
  return count >= AWS_SECRET ? index : from;
}

/** An AWS key's id, with the secret that stands right behind it: 40 characters of base64 that look like nothing else. */
export const matchAws: Rule = (scan, index) => {
  const { text, to } = scan;
  if (!AWS_KEYS.some((prefix) => text.startsWith(index, prefix))) return false;
  const id = text.skip(index, to, Bit.Upper);
  if (id - index < AWS_ID) return false;
  let start = id;
  while (
    start < Math.min(to, id + MAX_BETWEEN) &&
    (!has(text.at(start), Bit.Base64) || text.at(start) === Code.Plus)
  )
    start += signLength(text, start);
  // An equals sign is one of base64, and also of an assignment.
  while (text.at(start) === Code.Equals) start++;
  const end = secretEnd(text, start, to);
  return start > id && looksSecretAt(text, start, end) && scan.found(index, end, TOKEN);
};
