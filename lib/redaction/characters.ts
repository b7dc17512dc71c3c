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

const ASCII = 128;
/** Characters outside ASCII are letters of names, addresses and paths. */
const FOREIGN =
  Bit.Word | Bit.Local | Bit.Domain | Bit.SegmentStart | Bit.Letter | Bit.LooseBoundary;

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";

/** The bits of each ASCII character. */
export const MASK = buildMask();

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
