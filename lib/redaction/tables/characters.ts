/** What the search does at a character. */
export const Kind = {
  /** Nothing: it goes on. */
  None: 0,
  /** A letter or digit: what words are made of. */
  Word: 1,
  /** A sign that a rule looks at. */
  Sign: 2,
  /** What may stand for another character, so that the text has a second reading. */
  Escape: 3,
} as const;

/** The first code outside ASCII. */
export const ASCII = 128;

/** The kind of each ASCII character. */
export const KINDS = Uint8Array.from({ length: ASCII }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[A-Za-z\d]/.test(character)) return Kind.Word;
  if (/[%+&\x1b]/.test(character)) return Kind.Escape;
  return /[=:>,(/\\@?#~|]/.test(character) ? Kind.Sign : Kind.None;
});

export const Code = {
  Space: 32,
  DoubleQuote: 34,
  Hash: 35,
  SingleQuote: 39,
  OpenParenthesis: 40,
  Comma: 44,
  Dash: 45,
  Dot: 46,
  Slash: 47,
  Colon: 58,
  Equals: 61,
  Greater: 62,
  Question: 63,
  At: 64,
  OpenBracket: 91,
  Backslash: 92,
  CloseBracket: 93,
  Underscore: 95,
  Backtick: 96,
  Bar: 124,
  Tilde: 126,
} as const;

/** The code at a place that may be outside the text; once V8 has read outside at some point of the code, each reading there is slow. */
export function codeAt(text: string, index: number): number {
  return index >= 0 && index < text.length ? text.charCodeAt(index) : 0;
}

/** Tells of a code by a table whether it is that of an ASCII character which matches; of all beyond ASCII it says `beyond`. */
export function oneOf(pattern: RegExp, beyond = false): (code: number) => boolean {
  const isOne = Array.from({ length: ASCII }, (_, code) => pattern.test(String.fromCharCode(code)));
  return (code) => (code < ASCII ? isOne[code] === true : beyond);
}

/** Whether the character of this code is an ASCII letter or digit. */
export function isWord(code: number): boolean {
  return KINDS[code] === Kind.Word;
}

export const isQuote = oneOf(/["'`]/);
export const isSeparator = oneOf(/[\\/]/);

/** The letters of alphabets that are written in words, which a name can go on with; beyond them are signs and words without blanks. */
export const GOES_ON = "A-Za-z\\d\\u00c0-\\u1fff";

/** The number of heads: five bits of each of three characters, which are letters without regard to case, or else somewhere among them. */
export const HEADS = 1 << 15;

/** The place of three characters in a table of heads; those outside the text count as nothing. */
export function headOf(first: number, second: number, third: number): number {
  return (first & 31) | ((second & 31) << 5) | ((third & 31) << 10);
}

/** The text with a replacement character for each half of a surrogate pair, which UTF-8 cannot hold. */
export function wellFormed(text: string): string {
  // The compiler is given the library of ES2023.
  return (text as unknown as { toWellFormed(): string }).toWellFormed();
}
