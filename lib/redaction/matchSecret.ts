import { alternatives, endOf, isMixed } from "./matchToken.js";
import type { Verdict } from "./Names.js";
import { MAX_NAME } from "./Names.js";
import type { Rule } from "./Rules.js";
import type { Search } from "./Search.js";
import { Code, codeAt, isQuote, isWord, oneOf } from "./tables/characters.js";
import {
  EXPRESSION,
  HEADER_END,
  LINE_END,
  LIST,
  NEIGHBOURS,
  NO_VALUE,
  QUOTING_SCHEMES,
  SCHEMES,
  USER_FLAG,
  VALUE_END,
  VARIABLE,
} from "./tables/forms.js";
import { Strength } from "./tables/names.js";

/** What stands in the place of a secret that is known by its name. */
export const SECRET = "<secret>";

/** As much of a value is looked at to tell a secret from a word. */
const MAX_LOOK = 64;
/** Shortest value that a weak name makes a secret, and shortest that looks drawn at random. */
const MIN_WEAK = 8;
const MIN_RANDOM = 16;
/** How often letters and digits follow each other in what was drawn at random, and not in words with a number. */
const MIN_CHANGES = 3;
const CHANGES = /[A-Za-z](?=\d)|\d(?=[A-Za-z])/g;
/** Blanks between a name and its sign, where names stand in a column. */
const MAX_BLANKS = 32;
const BLANKS = /[ \t]{0,32}/y;

/** Whether a value could be a secret: long enough, letters and digits in one. */
export function looksSecret(value: string): boolean {
  return value.length >= MIN_WEAK && /\d/.test(value) && /[A-Za-z]/.test(value);
}

/** Whether a value says by its form alone that nobody wrote it. */
export function looksRandom(value: string): boolean {
  const look = value.slice(0, MAX_LOOK);
  return (
    /^[\w+/=~.-]+$/.test(look) &&
    look.length >= MIN_RANDOM &&
    (look.match(CHANGES)?.length ?? 0) >= MIN_CHANGES
  );
}

/** The rule by which a value is a secret, for certain where its place says so too; undefined when it is none. */
export function secretRule(
  { strength, rule }: Verdict,
  value: string,
  isCertain: boolean,
): string | undefined {
  const isSecret =
    strength <= Strength.Header
      ? isCertain || looksSecret(value)
      : strength === Strength.Weak
        ? looksSecret(value)
        : strength === Strength.Faint && looksRandom(value);
  return isSecret ? rule : undefined;
}

const always = (): boolean => true;
const hasDigit = (value: string): boolean => /\d/.test(value);

/** How a value is assigned, and which are secrets for certain in quotes and without. */
const FORMS = {
  /** `password=…`, `password := …` */
  Equals: { quoted: always, bare: always },
  /** `password => …`, which without quotes is a function more often */
  Arrow: { quoted: always, bare: looksSecret },
  /** `password: …` */
  Colon: { quoted: always, bare: hasDigit },
  /** `land:secret:…` */
  Joined: { quoted: looksSecret, bare: looksSecret },
  /** `password("…")`, `"password", "…"` */
  Listed: { quoted: looksSecret, bare: looksSecret },
  /** `<password>…`, a value that stands beside its name */
  Placed: { quoted: always, bare: always },
  /** `--password …` */
  Flag: { quoted: always, bare: hasDigit },
};
type Form = keyof typeof FORMS;

/** A secret that is given a name, by the sign at `index`. */
export function matchAssignment(search: Search, index: number, sign: number): void {
  const { text, rules } = search;
  const before = text.charCodeAt(index - 1);
  if (sign === Code.Comma && !isQuote(before)) return;
  if (sign === Code.OpenParenthesis && !isWord(before)) return;
  if (sign === Code.Colon && text.charCodeAt(index + 1) === Code.Colon) return;
  let end = sign === Code.Equals && "!?+".includes(text.charAt(index - 1)) ? index - 1 : index;
  const limit = Math.max(0, end - MAX_BLANKS);
  while (end > limit && text.charCodeAt(end - 1) === Code.Space) end--;
  while (end > limit && isClosing(text.charCodeAt(end - 1))) end--;
  if (!rules.names.mayEnd(text, end)) return;
  const start = nameStart(text, end);
  const verdict = rules.names.judge(text.slice(start, end));
  if (verdict === undefined) return;
  let from = index + 1;
  while (text.charCodeAt(from) === Code.Equals || text.charCodeAt(from) === Code.Greater) from++;
  const value = codeAt(text, from) > Code.Space ? from : endOf(BLANKS, text, from);
  let form: Form = "Equals";
  if (sign === Code.Greater) {
    if (!/[<:]/.test(text.charAt(start - 1)) || endOf(CLOSED, text, value) === -1) return;
    form = "Placed";
  } else if (text.charCodeAt(from - 1) === Code.Greater) form = "Arrow";
  else if (sign === Code.Comma || sign === Code.OpenParenthesis) form = "Listed";
  else if (sign === Code.Colon && from === index + 1)
    form = value === from && !isQuote(text.charCodeAt(end)) ? "Joined" : "Colon";
  if (verdict.strength === Strength.Naming) matchNeighbour(search, value);
  else matchValue(search, verdict, value, form, start);
}

/** The text of an element, which its end follows. */
const CLOSED = /[^<]{1,1024}<\//y;

/** Where a name begins that ends at `end`. */
function nameStart(text: string, end: number): number {
  const limit = Math.max(0, end - MAX_NAME);
  let start = end;
  while (start > limit && isNamePart(text.charCodeAt(start - 1))) start--;
  return start;
}

const isNamePart = oneOf(/[\w.[\]-]/);
/** What can stand between a name and its sign: a quote, the end of an index. */
const isClosing = oneOf(/["'`\]]/);

/** A value that is itself the name of a secret, `name="password"`, and the value that stands beside it. */
function matchNeighbour(search: Search, from: number): void {
  const { text, rules } = search;
  const start = isQuote(text.charCodeAt(from)) ? from + 1 : from;
  const end = endOf(NAME, text, start);
  if (end === -1 || !rules.names.mayEnd(text, end, start)) return;
  const verdict = rules.names.judge(text.slice(start, end));
  if (verdict === undefined || verdict.strength >= Strength.Faint) return;
  for (const pattern of NEIGHBOURS) {
    const value = endOf(pattern, text, end);
    if (value !== -1 && matchValue(search, verdict, value, "Placed", start)) return;
  }
}

const NAME = /[\w.$[\]-]{2,64}/y;
/** `"`, and what languages put before a quote; `[` before a list of values, of which the first stands for all. */
const OPENING = /(?:[bruf@$]{1,2}|N|new String\(|String\()?(["'`])/iy;

/** The value that begins at `from`; true when it is a secret. */
function matchValue(
  search: Search,
  verdict: Verdict,
  from: number,
  form: Form,
  nameAt: number,
): boolean {
  const { text } = search;
  const { strength, rule } = verdict;
  const list = strength <= Strength.Header ? endOf(LIST, text, from) : -1;
  if (list !== -1) return search.found(rule, from, list);
  const opened = endOf(OPENING, text, from);
  const start = opened === -1 ? from : opened;
  const look = text.slice(start, start + MAX_LOOK);
  const quote = opened === -1 ? 0 : text.charCodeAt(opened - 1);
  if (look === "" || NO_VALUE.test(look)) return false;
  if (!isSecretIn(look, quote, verdict, form, text, nameAt)) return false;
  if (quote !== 0) return search.found(rule, start, quotedEnd(text, start, quote));
  if (strength === Strength.Header && (form !== "Equals" || SCHEMES.test(look))) {
    const pattern = QUOTING_SCHEMES.test(look) ? LINE_END : HEADER_END;
    return search.found(rule, start, endOf(pattern, text, start));
  }
  // Another value in one without quotes has the same end.
  return start >= search.openEnd && search.foundOpen(rule, start, endOf(VALUE_END, text, start));
}

/** A short word of a sentence, behind another one. */
const SENTENCE = /^\w [a-z]{3,5}:/i;
const MAX_WORD = 7;

/** Whether what begins like this is a secret, for all that its name and its place say. */
function isSecretIn(
  look: string,
  quote: number,
  verdict: Verdict,
  form: Form,
  text: string,
  nameAt: number,
): boolean {
  const { strength } = verdict;
  const isBare = quote === 0;
  const end = isBare ? endOf(VALUE_END, look, 0) : look.indexOf(String.fromCharCode(quote));
  const value = end === -1 && !isBare ? look : look.slice(0, Math.max(0, end));
  if (value === "") return false;
  if (strength === Strength.Header && SCHEMES.test(look)) return true;
  if (strength === Strength.Faint && form === "Joined") return false;
  if (isBare && form !== "Flag") {
    // A word alone can be a password where no blank stands around its sign: `password=tulip`.
    const isTight = form === "Equals" && !value.includes(".") && text.charAt(nameAt - 1) !== ".";
    const isVariable = !isTight && form !== "Placed" && VARIABLE.test(value);
    if (isVariable || EXPRESSION.test(look)) return false;
  }
  // `tests pass: 12345678a` is a sentence.
  if (strength === Strength.Weak && form === "Colon" && isBare && !looksRandom(value)) {
    if (SENTENCE.test(text.slice(nameAt - 2, nameAt + MAX_WORD))) return false;
  }
  return secretRule(verdict, value, FORMS[form][isBare ? "bare" : "quoted"](value)) !== undefined;
}

/** The end of a value in quotes: one that is escaped or doubled is a part of it. */
function quotedEnd(text: string, from: number, quote: number): number {
  let index = from;
  for (; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === Code.Backslash) index++;
    else if (code === quote) {
      if (text.charCodeAt(index + 1) !== quote || quote === Code.Backtick) return index;
      index++;
    }
  }
  return text.length;
}

/** A secret after a flag, as in the command of a process that failed: `--password …`, `--db-token …`. The word is at `index`, behind a dash. */
export function matchFlag(search: Search, index: number): boolean {
  const { text, rules } = search;
  const before = text.charCodeAt(index - 2);
  if (before !== Code.Dash && isNamePart(before)) return false;
  const user = endOf(USER_FLAG, text, index);
  if (user !== -1)
    return search.foundOpen("command.user", user, Math.max(user, endOf(VALUE_END, text, user)));
  const end = endOf(FLAG, text, index);
  if (end === -1 || text.charCodeAt(end) !== Code.Space || !rules.names.mayEnd(text, end))
    return false;
  const verdict = rules.names.judge(text.slice(index, end));
  const value = endOf(BLANKS, text, end);
  if (
    verdict === undefined ||
    verdict.strength > Strength.Faint ||
    text.charCodeAt(value) === Code.Dash
  )
    return false;
  return matchValue(search, verdict, value, "Flag", index);
}

const FLAG = /[A-Za-z][\w-]{1,63}/y;

/** What follows a command or statement of the table. */
export function commandRule(name: string, beginnings: string, pattern: string): Rule {
  const sticky = new RegExp(
    alternatives(beginnings) + pattern,
    /[A-Z]/.test(beginnings) ? "y" : "iy",
  );
  const own: Verdict = { strength: Strength.Strong, rule: `command.${name}` };
  return (search, index) => {
    const { text, rules } = search;
    sticky.lastIndex = index;
    const match = sticky.exec(text);
    if (match === null) return false;
    const verdict = match[1] === undefined ? own : rules.names.judge(match[1]);
    if (verdict === undefined || verdict.strength > Strength.Faint) return false;
    return matchValue(search, verdict, index + match[0].length, "Placed", index);
  };
}

const AUTHORIZATION = /(?:bearer|basic)(?:[ \t]{1,4}|\+)/iy;
const CREDENTIAL = /[\w+/=.~-]+/y;
const MIN_CREDENTIAL = 8;
const LONG_CREDENTIAL = 40;

/** What follows `Bearer` or `Basic`: a credential has digits or is long; the next word of a sentence has not. */
export const authorization: Rule = (search, index) => {
  const { text } = search;
  const start = endOf(AUTHORIZATION, text, index);
  const end = start === -1 ? -1 : endOf(CREDENTIAL, text, start);
  if (end - start < MIN_CREDENTIAL || end === -1) return false;
  const look = text.slice(start, Math.min(end, start + MAX_LOOK));
  const isCredential =
    end - start >= LONG_CREDENTIAL ||
    /\d|=$/.test(look) ||
    (isMixed(look) && isUserAndPassword(look));
  return isCredential && search.foundOpen("authorization", start, end);
};

/** Whether a word is `user:password` in base64. */
function isUserAndPassword(word: string): boolean {
  return /^[ -~]*:[ -~]*$/.test(Buffer.from(word, "base64").toString("latin1"));
}
