/** How the search treats a character. */
export const Kind = {
  /** Skipped. */
  None: 0,
  /** A letter or digit, as part of a word. */
  Word: 1,
  /** A sign that triggers a rule. */
  Sign: 2,
  /** May stand for another character, so that the text has a second reading. */
  Escape: 3,
} as const;

/** The first character code outside ASCII. */
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

/** The code at an index, 0 if out of bounds. A single read out of bounds makes V8 slow at that call site for good. */
export function codeAt(text: string, index: number): number {
  return index >= 0 && index < text.length ? text.charCodeAt(index) : 0;
}

/** A look-up for codes: whether the ASCII character matches the pattern; `beyond` for every code outside ASCII. */
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

/** Letters that can continue a name. Codes above these are signs, or scripts that put no blanks between words. */
export const GOES_ON = "A-Za-z\\d\\u00c0-\\u1fff";

/** Number of heads, five bits of each of three characters. Case is ignored; other characters collide with letters. */
export const HEADS = 1 << 15;

/** The index of three characters in a table of heads; a character outside the text counts as 0. */
export function headOf(first: number, second: number, third: number): number {
  return (first & 31) | ((second & 31) << 5) | ((third & 31) << 10);
}

/** The string with a replacement character for each lone surrogate, which UTF-8 cannot encode. */
export function wellFormed(text: string): string {
  // The compiler is set to the ES2023 library, which lacks this method.
  return (text as unknown as { toWellFormed(): string }).toWellFormed();
}
