/** The codes of the characters that mean something. */
export const Code = {
  Escape: 27,
  Space: 32,
  DoubleQuote: 34,
  Hash: 35,
  Dollar: 36,
  Percent: 37,
  SingleQuote: 39,
  Star: 42,
  Plus: 43,
  Dash: 45,
  Dot: 46,
  Slash: 47,
  Zero: 48,
  Two: 50,
  Five: 53,
  Nine: 57,
  Colon: 58,
  Semicolon: 59,
  Less: 60,
  Equals: 61,
  Question: 63,
  At: 64,
  UpperA: 65,
  UpperZ: 90,
  OpenBracket: 91,
  Backslash: 92,
  Underscore: 95,
  A: 97,
  M: 109,
  S: 115,
  U: 117,
  V: 118,
  X: 120,
  OpenBrace: 123,
  Tilde: 126,
} as const;

/** The first code outside ASCII. */
export const ASCII = 128;
/** Sets the bit that tells lower case from upper case. */
export const LOWER = 32;

/**
 * What a character can be part of; bits, so that one table answers every question of the scanner. An enumeration, of
 * which a bundle has the numbers alone.
 */
export enum Bit {
  /** Letters and digits: what a word is made of. Other alphabets count as letters. */
  Word = 1,
  /** Where a match may begin that is not the start of a word. */
  Trigger = 2,
  /** `[A-Za-z0-9_-]` */
  Token = 4,
  /** Token68 and base64, plain and for URLs, with the dot of JSON web tokens. */
  Base64 = 8,
  Hex = 16,
  /** `[A-Z0-9]` */
  Upper = 32,
  /** The part of an e-mail address before the `@`. */
  Local = 64,
  Domain = 128,
  /** A URL's scheme. */
  Scheme = 256,
  /** The name of a parameter or of an assignment. */
  Key = 512,
  /** What ends a path that stands in a sentence. */
  PathStop = 1024,
  /** What ends a URL. */
  UrlStop = 2048,
  /** What a path can follow: not a letter, and none of the marks that make it a relative path or a tag. */
  PathBoundary = 4096,
  /** What a path segment can begin with. */
  SegmentStart = 8192,
  Digit = 16384,
  Letter = 32768,
  /** What has to be looked at while a path is followed: separators, blanks, dots and what may end it. */
  PathMark = 65536,
  Quote = 131072,
  /** Punctuation that follows a path or URL in a sentence. */
  Trailing = 262144,
  /** What ends the value of an assignment that has no quotes. */
  ValueEnd = 524288,
  /** What ends the value of a header. */
  HeaderEnd = 1048576,
  /** What joins the words of a name. */
  Joiner = 2097152,
  /** `[A-Za-z]` */
  AsciiLetter = 4194304,
  /** What a path can follow that begins at a well-known root: a tag, an arrow, a word of an alphabet without blanks. */
  LooseBoundary = 8388608,
}

/** Characters outside ASCII are letters of names, addresses and paths. */
const FOREIGN =
  Bit.Word | Bit.Local | Bit.Domain | Bit.SegmentStart | Bit.Letter | Bit.LooseBoundary;

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";

/** The bits of each ASCII character. */
const MASK = buildMask();

/** Whether the character of this code has one of the bits. */
export function has(code: number, bits: number): boolean {
  return ((code < ASCII ? (MASK[code] ?? 0) : FOREIGN) & bits) !== 0;
}

/** The letters of alphabets that are written in words, which a name can go on with; beyond them are punctuation and signs that stand alone. */
const FIRST_LETTER = 0xc0;
const LAST_LETTER = 0x1fff;

/** Whether a name that is followed by the character of this code is part of a longer word. */
export function goesOn(code: number): boolean {
  return code < ASCII ? has(code, Bit.Word) : code >= FIRST_LETTER && code <= LAST_LETTER;
}

function buildMask(): Int32Array {
  const mask = new Int32Array(ASCII);
  const add = (characters: string, bits: number): void => {
    for (const character of characters)
      mask[character.charCodeAt(0)] = (mask[character.charCodeAt(0)] ?? 0) | bits;
  };
  add(
    LETTERS + DIGITS,
    Bit.Word |
      Bit.Token |
      Bit.Base64 |
      Bit.Local |
      Bit.Domain |
      Bit.Scheme |
      Bit.Key |
      Bit.SegmentStart,
  );
  add(LETTERS, Bit.Letter | Bit.AsciiLetter);
  add(DIGITS, Bit.Digit);
  add("/\\@%?#=:~", Bit.Trigger);
  add("_-", Bit.Token);
  add("+/=_-.~", Bit.Base64);
  add(`${DIGITS}abcdefABCDEF`, Bit.Hex);
  add(`${LETTERS.slice(0, 26)}${DIGITS}`, Bit.Upper);
  add("._%+-'", Bit.Local);
  add(".-", Bit.Domain);
  add("+.-", Bit.Scheme);
  add("_-.[]", Bit.Key);
  add("\"'`<>|*?:", Bit.PathStop);
  add("\"'`<>", Bit.UrlStop);
  for (let code = 0; code < 32; code++)
    mask[code] = Bit.PathStop | Bit.UrlStop | Bit.PathBoundary | Bit.PathMark;
  add(" ", Bit.UrlStop | Bit.PathBoundary);
  add("\"'`([{=:,;|&!", Bit.PathBoundary);
  add("_.@-+%", Bit.SegmentStart);
  add("\"'`<>|*?: ;./\\%", Bit.PathMark);
  add("\"'`", Bit.Quote);
  add(".,;)]}!\\", Bit.Trailing);
  add(" \t\r\n\"'`&;,)}]<>", Bit.ValueEnd);
  add("\r\n\"'`<>", Bit.HeaderEnd);
  add("-_.[]", Bit.Joiner);
  add("@<>^", Bit.LooseBoundary);
  return mask;
}

/** The characters of one kind: a slot for each of ASCII, and one for all others. Smaller than the table of all bits, and read faster. */
export type Table = Uint8Array;

/** The table of the characters for which `accepts` holds, which is asked with each code of ASCII and with one outside. */
export function tableOf(accepts: (code: number) => boolean): Table {
  return Uint8Array.from({ length: ASCII + 1 }, (_, code) => Number(accepts(code)));
}

/** The table of the characters that have one of the bits. */
export function tableOfBits(bits: number): Table {
  return tableOf((code) => has(code, bits));
}

/** Whether the character of this code is in the table. */
export function isIn(table: Table, code: number): boolean {
  return table[code < ASCII ? code : ASCII] === 1;
}

/** The table of the characters that these words begin with, in both cases. */
export function tableOfStarts(words: Iterable<string>): Table {
  const starts = new Uint8Array(ASCII + 1);
  for (const word of words)
    for (const form of [word, word.toUpperCase()]) starts[Math.min(form.charCodeAt(0), ASCII)] = 1;
  return starts;
}

/** The number of heads: five bits of each of three characters, which are letters without regard to case, or else somewhere among them. */
export const HEADS = 1 << 15;

/** The place of the three characters that a word begins with in a table of heads. */
export function headOf(first: number, second: number, third: number): number {
  return (first & 31) | ((second & 31) << 5) | ((third & 31) << 10);
}

/** Whether a table of heads, one bit each, has this one. */
export function hasHead(table: Int32Array, head: number): boolean {
  return (((table[head >> 5] ?? 0) >> (head & 31)) & 1) !== 0;
}

/** The text with a replacement character for each half of a surrogate pair, which UTF-8 cannot hold. */
export function wellFormed(text: string): string {
  // The compiler is given the library of ES2023.
  return (text as unknown as { toWellFormed(): string }).toWellFormed();
}
