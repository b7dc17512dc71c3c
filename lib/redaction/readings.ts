/** A text as it stands, or with levels of encoding taken off. */
export interface Reading {
  readonly text: string;
  /** For each character, and for the end, where in the source it begins; undefined for the source itself. */
  readonly origins: Uint32Array | undefined;
}

const PERCENT = 37;
const BACKSLASH = 92;
const ESCAPE = 27;
const OPEN_BRACKET = 91;
const AMPERSAND = 38;
const M = 109;
const PLUS = 43;
const SPACE = 32;
const LATIN = 256;

/** What can stand behind a backslash, and what it stands for. */
const ESCAPED = "nrtbfve\"'`/\\";
const MEANINGS = "\n\r\t\b\f\v\x1b\"'`/\\";
const ENTITIES = /&(?:(quot|#34)|(apos|#39|#x27)|(lt)|(gt)|(amp));/y;
const ENTITY_SIGNS = "\"'<>&";

/** The parameters of a terminal's sequence are no longer. */
const MAX_SEQUENCE = 32;

/**
 * The same text with one level of encoding taken off: percent signs, backslashes, the entities of HTML and what a terminal
 * takes for colours; undefined when there is none. Written code by code, since hostile text has as many of them as it can.
 */
export function decode({ text, origins }: Reading): Reading | undefined {
  const { length } = text;
  const codes = new Uint16Array(length);
  const places = new Uint32Array(length + 1);
  let at = 0;
  let all = 0;
  let index = 0;
  let isChanged = false;
  // A terminal's sequences are a level of their own, and a form writes blanks as `+`.
  const isTerminal = text.includes("\x1b[");
  const isForm = text.includes("=") && !text.includes(" ");
  const write = (code: number, from: number): void => {
    places[at] = origins?.[from] ?? from;
    all |= code;
    codes[at++] = code;
  };
  while (index < length) {
    const from = index;
    const code = text.charCodeAt(index);
    if (isTerminal) index = code === ESCAPE ? sequenceEnd(text, index) : index;
    else if (code === PLUS && isForm) write(SPACE, index++);
    else if (code === PERCENT && hexAt(text, index + 1, 2) !== -1)
      index = writeBytes(text, index, write);
    else if (code === BACKSLASH) index = writeEscape(text, index, write);
    else if (code === AMPERSAND) index = writeEntity(text, index, write);
    if (index === from) write(code, index++);
    else isChanged = true;
  }
  if (!isChanged) return undefined;
  places[at] = origins?.[length] ?? length;
  const written = codes.subarray(0, at);
  // One byte for each character where that is enough: the text is then searched faster.
  const decoded =
    all < LATIN
      ? Buffer.from(written).toString("latin1")
      : Buffer.from(written.buffer, 0, 2 * at).toString("utf16le");
  return { text: decoded, origins: places };
}

type Write = (code: number, from: number) => void;

/** The number that so many hex digits have, or -1. */
function hexAt(text: string, from: number, count: number): number {
  let value = 0;
  for (let index = from; index < from + count; index++) {
    const code = text.charCodeAt(index);
    const digit = code <= 57 ? code - 48 : (code | 32) - 87;
    if (!(digit >= 0 && digit < 16) || (code > 57 && digit < 10)) return -1;
    value = 16 * value + digit;
  }
  return value;
}

/** Bytes that follow each other, `%C3%A9`, as UTF-8 where they are that, else one by one. */
function writeBytes(text: string, start: number, write: Write): number {
  let index = start;
  while (text.charCodeAt(index) === PERCENT) {
    const byte = hexAt(text, index + 1, 2);
    if (byte === -1) break;
    const length = byte < 0xc2 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    let point = length === 1 ? byte : byte & (0xff >> (length + 1));
    let next = index + 3;
    for (let more = 1; more < length; more++, next += 3) {
      const following = text.charCodeAt(next) === PERCENT ? hexAt(text, next + 1, 2) : -1;
      if (following === -1 || (following & 0xc0) !== 0x80) {
        point = byte;
        next = index + 3;
        break;
      }
      point = (point << 6) | (following & 0x3f);
    }
    const units = point > 0x10ffff ? "\ufffd" : String.fromCodePoint(point);
    for (let unit = 0; unit < units.length; unit++) write(units.charCodeAt(unit), index);
    index = next;
  }
  return index;
}

/** `\n`, `\"`, `\u00e9`, `\x1b`, `\033`; where it is none of them the backslash stays. */
function writeEscape(text: string, index: number, write: Write): number {
  const letter = text.charAt(index + 1);
  const digits = letter === "u" ? 4 : letter === "x" ? 2 : 0;
  const code = digits > 0 ? hexAt(text, index + 2, digits) : -1;
  if (code !== -1) write(code, index);
  else if (letter === "0" && text.startsWith("033", index + 1)) write(ESCAPE, index);
  else {
    const which = letter === "" ? -1 : ESCAPED.indexOf(letter);
    if (which === -1) return index;
    write(MEANINGS.charCodeAt(which), index);
  }
  return index + 2 + (code !== -1 ? digits : letter === "0" ? 2 : 0);
}

function writeEntity(text: string, index: number, write: Write): number {
  ENTITIES.lastIndex = index;
  const match = ENTITIES.exec(text);
  if (match === null) return index;
  write(ENTITY_SIGNS.charCodeAt(match.indexOf(match[0].slice(1, -1), 1) - 1), index);
  return ENTITIES.lastIndex;
}

/** The end of `ESC [ 1 ; 31 m`, which stands for nothing; `index` where it is none. */
function sequenceEnd(text: string, index: number): number {
  if (text.charCodeAt(index + 1) !== OPEN_BRACKET) return index;
  const limit = Math.min(text.length, index + MAX_SEQUENCE);
  for (let end = index + 2; end < limit; end++) {
    const code = text.charCodeAt(end);
    if (code === M) return end + 1;
    if (code < 48 || code > 59) return index;
  }
  return index;
}
