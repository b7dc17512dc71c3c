import { Heads } from "./Heads.js";
import {
  matchAirtable,
  matchAuthorization,
  matchData,
  matchDiscord,
  matchMailchimp,
  matchPrivateKey,
  matchPuttyKey,
  matchTelegram,
  tokenRule,
} from "./matchSecret.js";
import { HOME_VARIABLES, matchHomeVariable } from "./matchHomeVariable.js";
import { matchAws } from "./matchAws.js";
import { matchFlag } from "./matchFlag.js";
import { userRule } from "./matchUser.js";
import type { Rule } from "./Scan.js";
import { tokenForms } from "./tokenForms.js";

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
