import type { Scan, Rule } from "./Scan.js";
import { headOf, HEADS } from "./characters.js";
import { Text } from "./Text.js";
import { matchFlag } from "./matchAssignment.js";
import { HOME_VARIABLES, matchHomeVariable } from "./matchPath.js";
import { userRule } from "./matchPerson.js";
import {
  tokenRule,
  matchAuthorization,
  matchPrivateKey,
  matchPuttyKey,
  matchDiscord,
  matchAirtable,
  matchTelegram,
  matchMailchimp,
  matchData,
  matchAws,
} from "./matchToken.js";
import { tokenForms } from "./tokenForms.js";

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
  readonly table = new Int32Array(HEADS / 32);
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
    this.table[head >> 5] = (this.table[head >> 5] ?? 0) | (1 << (head & 31));
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

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const HEX = "0123456789abcdefABCDEF";
const DIGITS = "0123456789";

/** The table of everything that begins with a known word, with the spellings of the users' names. */
export function buildHeads(userSpellings: readonly string[]): Heads {
  const heads = new Heads();
  for (const name of HOME_VARIABLES) heads.add(name, matchHomeVariable);
  for (const prefix of ["AKIA", "ASIA"]) heads.addExact(prefix, matchAws);
  addAll(heads, ["pas", "pwd", "tok", "sec", "api", "aut"], matchFlag);
  for (const form of tokenForms()) {
    // A beginning of two characters needs its third: these go on in hex digits.
    const prefixes =
      form.prefix.length > 2 ? [form.prefix] : Array.from(HEX).map((digit) => form.prefix + digit);
    for (const prefix of prefixes) heads.addExact(prefix, tokenRule(form));
  }
  addAll(heads, ["bea", "bas"], matchAuthorization);
  heads.addExact("pat", matchAirtable);
  heads.add("BEG", matchPrivateKey);
  heads.add("PuT", matchPuttyKey);
  heads.add("dat", matchData);
  addAll(
    heads,
    Array.from(BASE64).map((third) => `AA${third}`),
    matchTelegram,
  );
  addAll(
    heads,
    Array.from(DIGITS).map((digit) => `us${digit}`),
    matchMailchimp,
  );
  addAll(heads, numbersInBase64(), matchDiscord);
  for (const spelling of userSpellings) heads.add(spelling, userRule(spelling));
  return heads;
}

function addAll(heads: Heads, prefixes: readonly string[], rule: Rule): void {
  for (const prefix of prefixes) heads.add(prefix, rule);
}

/** The first three characters of a decimal number of two digits or more in base64. */
function numbersInBase64(): readonly string[] {
  const first = "MNO";
  const second = "DTjz";
  const third = "AEIMQUYcgk";
  return Array.from(first).flatMap((a) =>
    Array.from(second).flatMap((b) => Array.from(third).map((c) => a + b + c)),
  );
}
