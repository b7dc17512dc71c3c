import { codeAt } from "./characters.js";
import type { Rule } from "./Scan.js";

/** Five bits of each of three characters: letters without regard to case, all else somewhere among them. */
export const HEADS = 1 << 15;
const FIVE_BITS = 31;

/** The place of the three characters that a word begins with in a table of heads. */
export function headOf(first: number, second: number, third: number): number {
  return (first & FIVE_BITS) | ((second & FIVE_BITS) << 5) | ((third & FIVE_BITS) << 10);
}

/**
 * Which rules apply to a word, by its first three characters. Nearly every word of plain text is passed by with
 * one look into the table.
 */
export class Heads {
  /** For each head the number of its rules, 0 for none. */
  readonly table = new Uint16Array(HEADS);
  readonly #rules: Rule[][] = [[]];

  /** Adds a rule for words that begin with `prefix`, of which at least three characters are needed. */
  add(prefix: string, rule: Rule): void {
    this.addHead(headOf(prefix.charCodeAt(0), prefix.charCodeAt(1), prefix.charCodeAt(2)), rule);
  }

  addHead(head: number, rule: Rule): void {
    const known = this.table[head] ?? 0;
    if (known === 0) this.table[head] = this.#rules.push([rule]) - 1;
    else if (!this.#rules[known]?.includes(rule)) this.#rules[known]?.push(rule);
  }

  /** The rules for the word that begins at `index`. */
  rulesAt(text: string, index: number): readonly Rule[] {
    const head = headOf(codeAt(text, index), codeAt(text, index + 1), codeAt(text, index + 2));
    return this.#rules[this.table[head] ?? 0] ?? [];
  }
}
