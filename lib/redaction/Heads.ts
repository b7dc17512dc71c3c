import type { Rule, Scan } from "./Scan.js";
import { Text } from "./Text.js";

/** Five bits of each of three characters: letters without regard to case, all else somewhere among them. */
export const HEADS = 1 << 15;
const FIVE_BITS = 31;
/** Heads in one number of the table are told apart by so many bits. */
const FIVE_BITS_WIDE = 5;

/** Whether a table of heads, one bit each, has this one. */
export function hasHead(table: Int32Array, head: number): boolean {
  return (((table[head >> FIVE_BITS_WIDE] ?? 0) >> (head & FIVE_BITS)) & 1) !== 0;
}

/** The place of the three characters that a word begins with in a table of heads. */
export function headOf(first: number, second: number, third: number): number {
  return (first & FIVE_BITS) | ((second & FIVE_BITS) << 5) | ((third & FIVE_BITS) << 10);
}

/** A rule, and the first four characters that a word must have for it, seven bits each; where `mask` has none, any will do. */
interface Entry {
  readonly rule: Rule;
  readonly exact: number;
  readonly mask: number;
}

const EXACT = 4;
const BITS = 7;
const SEVEN_BITS = 127;

/**
 * Which rules apply to a word, by its first three characters. Nearly every word of plain text is passed by with
 * one look into the table.
 */
export class Heads {
  /** For each head one bit: small enough for the nearest cache. */
  readonly table = new Int32Array(HEADS >> FIVE_BITS_WIDE);
  readonly #places = new Uint16Array(HEADS);
  readonly #entries: Entry[][] = [[]];

  /** Adds a rule for words that begin with `prefix`, of which at least three characters are needed, in either case. */
  add(prefix: string, rule: Rule): void {
    this.#add(prefix, { rule, exact: 0, mask: 0 });
  }

  /** Adds a rule for words that begin with exactly `prefix`, which is ASCII. */
  addExact(prefix: string, rule: Rule): void {
    const mask = (1 << (BITS * Math.min(prefix.length, EXACT))) - 1;
    this.#add(prefix, { rule, exact: firstFour(Text.of(prefix), 0) & mask, mask });
  }

  #add(prefix: string, entry: Entry): void {
    const head = headOf(prefix.charCodeAt(0), prefix.charCodeAt(1), prefix.charCodeAt(2));
    this.table[head >> FIVE_BITS_WIDE] =
      (this.table[head >> FIVE_BITS_WIDE] ?? 0) | (1 << (head & FIVE_BITS));
    const known = this.#places[head] ?? 0;
    if (known === 0) this.#places[head] = this.#entries.push([entry]) - 1;
    else if (
      !this.#entries[known]?.some(
        ({ rule, exact, mask }) =>
          rule === entry.rule && exact === entry.exact && mask === entry.mask,
      )
    )
      this.#entries[known]?.push(entry);
  }

  /** Lets the rules for the word that begins at `index` look at it, until one finds something. */
  match(scan: Scan, index: number): boolean {
    const { text } = scan;
    const entries =
      this.#entries[
        this.#places[headOf(text.at(index), text.at(index + 1), text.at(index + 2))] ?? 0
      ] ?? [];
    const word = firstFour(text, index);
    for (const { rule, exact, mask } of entries)
      if ((word & mask) === exact && rule(scan, index)) return true;
    return false;
  }
}

function firstFour(text: Text, index: number): number {
  return (
    (text.at(index) & SEVEN_BITS) |
    ((text.at(index + 1) & SEVEN_BITS) << BITS) |
    ((text.at(index + 2) & SEVEN_BITS) << (2 * BITS)) |
    ((text.at(index + 3) & SEVEN_BITS) << (3 * BITS))
  );
}
