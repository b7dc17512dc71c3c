import type { KnownPlaces } from "./KnownPlaces.js";
import type { Text } from "./Text.js";
import { Bit, Code, has } from "./characters.js";

/** What is known of the key a text belongs to. */
export interface KeyHints {
  /** Absolute-looking values are routes or methods here, not paths. */
  readonly route: boolean;
  /** The value is a name that this package or its host chose: it is not searched for the user's name. */
  readonly named: boolean;
}

const QUOTES = ['"', "'", "`"];
const UNKNOWN = -2;

/**
 * One pass over one text: where it is, what was found, and what was learned on the way. What is learned (the
 * end of a URL, the next quote, the start of a line) is kept, because looking it up again for every match
 * would make the cost grow with the square of the length.
 */
export class Scan {
  /** The end of what was already replaced; nothing before it may be matched again. */
  last = 0;
  /** The match that a rule reports: what to replace, and by what. */
  start = 0;
  end = 0;
  label = "";
  /** The end of the URL that was entered last. */
  urlEnd = 0;
  /** The end of the application path that was walked last, and whether it stays inside. */
  walkedTo = 0;
  walkedInside = false;
  /** There is no line number of a frame before this index. */
  noFrameBefore = 0;
  /** The local part of an e-mail address cannot begin before this index. */
  localFloor = 0;
  /** The end of the header value that was entered last. */
  headerEnd = 0;
  /** There is no parameter in a fragment before this index. */
  fragmentEnd = 0;

  #lineStart = 0;
  #nextLine = -1;
  #dots = UNKNOWN;
  /** There is no digit between these. */
  #digitless = 0;
  #digitlessTo = 0;
  readonly #quotes = [UNKNOWN, UNKNOWN, UNKNOWN];

  constructor(
    readonly text: Text,
    /** The end of what may be looked at. */
    readonly to: number,
    readonly hints: KeyHints | undefined,
    readonly places: KnownPlaces,
  ) {}

  /** Reports a match. */
  found(start: number, end: number, label: string): boolean {
    if (start < this.last) return false;
    this.start = start;
    this.end = end;
    this.label = label;
    return true;
  }

  /** The next quote of this kind at or after `from`, or -1. Asked with rising positions only. */
  nextQuote(code: number, from: number): number {
    const slot = code === Code.DoubleQuote ? 0 : code === Code.SingleQuote ? 1 : 2;
    const known = this.#quotes[slot] ?? UNKNOWN;
    if (known === -1 || known >= from) return known;
    const index = this.text.source.indexOf(QUOTES[slot] ?? "", from);
    return (this.#quotes[slot] = index < this.to ? index : -1);
  }

  /** The next `..` at or after `from`, or -1. Asked with rising positions only. */
  nextDots(from: number): number {
    if (this.#dots === -1 || this.#dots >= from) return this.#dots;
    // One character at a time: V8 looks for two in its slow runtime.
    let index = this.text.source.indexOf(".", from);
    while (index !== -1 && index < this.to && this.text.at(index + 1) !== Code.Dot)
      index = this.text.source.indexOf(".", index + 1);
    return (this.#dots = index < this.to ? index : -1);
  }

  /** Whether a digit stands between two indices. What was looked at for the value before is not looked at again. */
  hasDigit(from: number, to: number): boolean {
    const { text } = this;
    const isKnown = from >= this.#digitless && from <= this.#digitlessTo;
    if (!isKnown) this.#digitless = this.#digitlessTo = from;
    while (this.#digitlessTo < to && !has(text.at(this.#digitlessTo), Bit.Digit))
      this.#digitlessTo++;
    return this.#digitlessTo < to;
  }

  /** The start of the line that holds `index`. Asked with rising positions only. */
  lineStart(index: number): number {
    if (this.#nextLine === -1) this.#nextLine = this.#newline(0);
    while (this.#nextLine < index) {
      this.#lineStart = this.#nextLine + 1;
      this.#nextLine = this.#newline(this.#lineStart);
    }
    return this.#lineStart;
  }

  #newline(from: number): number {
    const index = this.text.source.indexOf("\n", from);
    return index === -1 ? this.text.length : index;
  }
}

/** Looks at one position; true when `scan` now holds a match. */
export type Rule = (scan: Scan, index: number) => boolean;
