const QUOTE = 34;
const BACKSLASH = 92;
const ZERO = 48;
const LATIN = 256;
/** Stands in the table for what is left to JSON.stringify: other control characters, and all beyond ASCII. */
const OTHER = 1;
/** What follows the backslash where a character has a short escape; 0 for one that stands for itself. */
const ESCAPES = Uint8Array.from({ length: LATIN }, (_, code) =>
  code < 32 || code > 126 ? OTHER : 0,
);
for (const [character, letter] of ['""', "\\\\", "\bb", "\tt", "\nn", "\ff", "\rr"])
  ESCAPES[(character ?? "").charCodeAt(0)] = (letter ?? "").charCodeAt(0);

/** From here on the platform is faster than a loop of ours. */
const LONG_TEXT = 512;
const LONG_BYTES = 24;
/** The bytes of one UTF-16 unit in UTF-8, at most. */
const BYTES_A_UNIT = 3;
/** Integers below it are written digit by digit: they divide as 32-bit numbers. */
const LARGE = 1_000_000_000;
const NANO_DIGITS = 9;
const NANOSECONDS = 1_000_000_000;
const MILLION = 1_000_000;
const THOUSAND = 1_000;
/** The three digits of each number below a thousand, one behind the other. */
const TRIPLES = Buffer.from(
  Array.from({ length: THOUSAND }, (_, number) => String(number).padStart(3, "0")).join(""),
);

/**
 * JSON as the bytes of a request, written once: a string of that length would have to be put together and then
 * encoded, which takes as long again.
 */
export class JsonBytes {
  #bytes: Buffer;
  #length = 0;
  #second = -1;
  #secondDigits = "";

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size);
  }

  /** How many bytes were written. */
  get length(): number {
    return this.#length;
  }

  /** What was written. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** One ASCII character. */
  sign(code: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = code;
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    const { length } = bytes;
    this.#reserve(length);
    const target = this.#bytes;
    const start = this.#length;
    if (length > LONG_BYTES) target.set(bytes, start);
    else
      for (let index = 0; index < length; index++) target[start + index] = bytes[index] as number;
    this.#length = start + length;
  }

  /** What was written from one place to another, once more. */
  again(start: number, end: number): void {
    this.#reserve(end - start);
    this.#bytes.copyWithin(this.#length, start, end);
    this.#length += end - start;
  }

  /** ASCII as it is: numbers and what JSON.stringify made of something rare. */
  ascii(text: string): void {
    this.#reserve(text.length);
    this.#length += this.#bytes.write(text, this.#length, "latin1");
  }

  /** Any text as it is. */
  utf8(text: string): void {
    this.#reserve(text.length * BYTES_A_UNIT);
    this.#length += this.#bytes.write(text, this.#length, "utf8");
  }

  /** A string without its quotes, escaped as JSON.stringify does it. */
  text(text: string): void {
    const { length } = text;
    if (length > LONG_TEXT) {
      this.#stringified(text);
      return;
    }
    this.#reserve(2 * length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      const escape = code < LATIN ? (ESCAPES[code] as number) : OTHER;
      if (escape === 0) {
        bytes[at++] = code;
      } else if (escape === OTHER) {
        this.#stringified(text);
        return;
      } else {
        bytes[at] = BACKSLASH;
        bytes[at + 1] = escape;
        at += 2;
      }
    }
    this.#length = at;
  }

  /** A string with its quotes. */
  string(text: string): void {
    this.sign(QUOTE);
    this.text(text);
    this.sign(QUOTE);
  }

  /** A number as JSON.stringify writes it. */
  number(value: number): void {
    if (!(value >= 0 && value < LARGE && Number.isInteger(value))) {
      this.ascii(JSON.stringify(value));
      return;
    }
    let digits = 1;
    for (let bound = 10; bound <= value; bound *= 10) digits++;
    this.#reserve(digits);
    this.#digits(value, digits);
  }

  /** A member of an object, whose name stands in `start` with the comma before it; left out when JSON has no such value. */
  member(start: Uint8Array, value: unknown): void {
    if (typeof value === "string") {
      this.raw(start);
      this.string(value);
    } else if (typeof value === "number") {
      this.raw(start);
      this.number(value);
    } else {
      const text = JSON.stringify(value) as string | undefined;
      if (text === undefined) return;
      this.raw(start);
      this.utf8(text);
    }
  }

  /** Seconds and nanoseconds as one count of nanoseconds, without quotes. */
  nanoseconds(time: readonly [number, number]): void {
    // By index: taking an array apart asks it for an iterator.
    const seconds = time[0];
    const nanos = Math.trunc(time[1]);
    if (!(
      seconds >= 1 &&
      seconds <= Number.MAX_SAFE_INTEGER &&
      nanos >= 0 &&
      nanos < NANOSECONDS
    )) {
      this.ascii((BigInt(Math.trunc(seconds)) * BigInt(NANOSECONDS) + BigInt(nanos)).toString());
      return;
    }
    // Most spans of a batch are of the same second.
    if (seconds !== this.#second) {
      this.#second = seconds;
      this.#secondDigits = String(Math.trunc(seconds));
    }
    const digits = this.#secondDigits;
    this.#reserve(digits.length + NANO_DIGITS);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let index = 0; index < digits.length; index++) bytes[at++] = digits.charCodeAt(index);
    const millions = (nanos / MILLION) | 0;
    const thousands = ((nanos - millions * MILLION) / THOUSAND) | 0;
    const ones = nanos - millions * MILLION - thousands * THOUSAND;
    for (let digit = 0; digit < 3; digit++) {
      bytes[at + digit] = TRIPLES[millions * 3 + digit] as number;
      bytes[at + 3 + digit] = TRIPLES[thousands * 3 + digit] as number;
      bytes[at + 6 + digit] = TRIPLES[ones * 3 + digit] as number;
    }
    this.#length = at + NANO_DIGITS;
  }

  #digits(value: number, count: number): void {
    const bytes = this.#bytes;
    const start = this.#length;
    const end = start + count;
    let rest = value;
    for (let index = end - 1; index >= start; index--) {
      const tenth = (rest / 10) | 0;
      bytes[index] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.#length = end;
  }

  #stringified(text: string): void {
    this.utf8(JSON.stringify(text).slice(1, -1));
  }

  #reserve(length: number): void {
    const needed = this.#length + length;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
