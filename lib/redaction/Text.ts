import type { Table } from "./characters.js";
import { ASCII, Code, has, isIn, LOWER } from "./characters.js";

/** Stands for the character before or after a text: DEL, which has none of the bits and is no sign that a rule looks for. */
const NOTHING = 127;
/** The one sign outside ASCII that is an ASCII letter in lower case: the Kelvin sign. */
const KELVIN = 0x212a;
/** Shorter texts are copied faster unit by unit than by a call out of JavaScript. */
const SHORT = 24;
const BYTES_A_UNIT = 2;
/**
 * Room for texts of a megabyte, where the limit was raised so far; what longer ones have beyond it is read from the
 * string. The system gives the memory only when it is written to: for texts within the limit, a few pages.
 */
const ROOM = 1_100_000;

/** A method that Node.js has for its own use, without the checks of `write`, which would cost half as much again. */
interface UnitWriter {
  readonly ucs2Write?: (this: Buffer, text: string, offset: number, length: number) => number;
}

/**
 * The characters of the text that is searched. One array for all texts, one after the other: V8 knows where it is, and
 * reads it in half the time that a string takes, and in a third of that of one that was put together. The search of
 * one text is never interrupted by that of another, since it calls nothing of the caller's.
 */
const UNITS = new Uint16Array(ROOM);
const BYTES = Buffer.from(UNITS.buffer) as Buffer & UnitWriter;
/** Looked up once: it is found through three prototypes. */
const { ucs2Write } = BYTES;

const ONE = 1;
/** It writes the lower byte of each unit first, as the array has them on nearly every machine. */
const isLowFirst = new Uint8Array(Uint16Array.of(ONE).buffer)[0] === ONE;

/** A text that is read character by character. */
export class Text {
  /** The text itself, for whatever is not done one character at a time. */
  readonly source: string;
  readonly length: number;

  private constructor(source: string) {
    this.source = source;
    this.length = source.length;
  }

  /** A text to read. Those that were read before can be read no longer. */
  static of(source: string): Text {
    const { length } = source;
    if (length >= SHORT && isLowFirst && ucs2Write !== undefined)
      ucs2Write.call(BYTES, source, 0, BYTES_A_UNIT * Math.min(length, ROOM));
    else
      for (let index = 0; index < length && index < ROOM; index++)
        UNITS[index] = source.charCodeAt(index);
    return new Text(source);
  }

  /** The code of the character at `index`, also outside the text. */
  at(index: number): number {
    return index >= 0 && index < this.length ? (UNITS[index] ?? far(this, index)) : NOTHING;
  }

  /** The same for an index that is inside the text: without the look whether it is, for loops that go over many. */
  unitAt(index: number): number {
    return UNITS[index] ?? far(this, index);
  }

  /** The index of the first character from `from` on that has none of the bits. */
  skip(from: number, to: number, bits: number): number {
    let index = from;
    while (index < to && has(this.unitAt(index), bits)) index++;
    return index;
  }

  /** The index after the last character before `from` that has none of the bits, not before `floor`. */
  skipBack(from: number, floor: number, bits: number): number {
    let index = from;
    while (index > floor && has(this.unitAt(index - 1), bits)) index--;
    return index;
  }

  /** The index of the first character from `from` on that the table has, or `to`. */
  find(from: number, to: number, table: Table): number {
    let index = from;
    while (index < to && !isIn(table, this.unitAt(index))) index++;
    return index;
  }

  /** Whether the text holds `part` at `index`. From its end: most words share only the beginning of what is looked for. */
  startsWith(index: number, part: string): boolean {
    if (index + part.length > this.length) return false;
    for (let offset = part.length - 1; offset >= 0; offset--)
      if (this.at(index + offset) !== part.charCodeAt(offset)) return false;
    return true;
  }

  /** Whether the text holds `lowered` at `index`, without regard to case. */
  hasFolded(index: number, lowered: string): boolean {
    const { length } = lowered;
    if (index + length > this.length) return false;
    for (let offset = 0; offset < length; offset++) {
      const code = this.at(index + offset);
      const wanted = lowered.charCodeAt(offset);
      if (code === wanted) continue;
      if (code >= ASCII && wanted < ASCII && code !== KELVIN) return false;
      if (code >= ASCII) return this.source.slice(index, index + length).toLowerCase() === lowered;
      if (code < Code.UpperA || code > Code.UpperZ || (code | LOWER) !== wanted) return false;
    }
    return true;
  }
}

/** What there is no room for. Apart, and seldom called: what is short, V8 compiles into whatever calls it. */
function far(text: Text, index: number): number {
  return text.source.charCodeAt(index);
}
