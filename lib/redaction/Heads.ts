import type { Scan, Rule } from "./Scan.js";
import { headOf, HEADS } from "./characters.js";
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
  AWS_KEYS,
} from "./matchToken.js";
import { tokenForms } from "./tokenForms.js";

/**
 * Which rules apply to a word, by its first three characters. Nearly every word of plain text is passed by with
 * one look into the table.
 */
export class Heads {
  /** For each head one bit: small enough for the nearest cache. */
  readonly table = new Int32Array(HEADS / 32);
  readonly #rules = new Map<number, Set<Rule>>();

  /** Adds a rule for words whose first three characters are those of one of these, in either case. The rule checks the rest. */
  add(beginnings: readonly string[], rule: Rule): void {
    for (const beginning of beginnings) {
      const head = headOf(
        beginning.charCodeAt(0),
        beginning.charCodeAt(1),
        beginning.charCodeAt(2),
      );
      this.table[head >> 5] = (this.table[head >> 5] ?? 0) | (1 << (head & 31));
      this.#rules.set(head, (this.#rules.get(head) ?? new Set()).add(rule));
    }
  }

  /** Lets the rules for the word that begins at `index` look at it, until one finds something. */
  match(scan: Scan, index: number): boolean {
    const { text } = scan;
    const head = headOf(text.at(index), text.at(index + 1), text.at(index + 2));
    for (const rule of this.#rules.get(head) ?? []) if (rule(scan, index)) return true;
    return false;
  }
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const HEX = "0123456789abcdefABCDEF";
const DIGITS = "0123456789";

/** The table of everything that begins with a known word, with the spellings of the users' names. */
export function buildHeads(userSpellings: readonly string[]): Heads {
  const heads = new Heads();
  heads.add(HOME_VARIABLES, matchHomeVariable);
  heads.add(AWS_KEYS, matchAws);
  heads.add(["pas", "pwd", "tok", "sec", "api", "aut"], matchFlag);
  for (const form of tokenForms()) {
    // A beginning of two characters needs its third: these go on in hex digits.
    const isShort = form.prefix.length < 3;
    heads.add(isShort ? each(HEX, form.prefix) : [form.prefix], tokenRule(form));
  }
  heads.add(["bea", "bas"], matchAuthorization);
  heads.add(["pat"], matchAirtable);
  heads.add(["BEG"], matchPrivateKey);
  heads.add(["PuT"], matchPuttyKey);
  heads.add(["dat"], matchData);
  heads.add(each(BASE64, "AA"), matchTelegram);
  heads.add(each(DIGITS, "us"), matchMailchimp);
  // A decimal number of two digits or more in base64.
  for (const first of "MNO")
    for (const second of "DTjz") heads.add(each("AEIMQUYcgk", first + second), matchDiscord);
  for (const spelling of userSpellings) heads.add([spelling], userRule(spelling));
  return heads;
}

function each(letters: string, before: string): readonly string[] {
  return Array.from(letters, (letter) => before + letter);
}
