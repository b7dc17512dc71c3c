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

/** What replaces a secret that is recognised by its name. */
export const SECRET = "<secret>";

/** Characters of a value that are examined to tell a secret from a word. */
const MAX_LOOK = 64;
/** Shortest value that a weak name makes a secret, and shortest that looks random. */
const MIN_WEAK = 8;
const MIN_RANDOM = 16;
/** Fewest changes between letters and digits in a string that looks random; words with a number have fewer. */
const MIN_CHANGES = 3;
const CHANGES = /[A-Za-z](?=\d)|\d(?=[A-Za-z])/g;
/** Most blanks between a name and its sign; there are many when names are aligned in a column. */
const MAX_BLANKS = 32;
const BLANKS = /[ \t]{0,32}/y;

/** Whether a value could be a secret: long enough, with both letters and digits. */
export function looksSecret(value: string): boolean {
  return value.length >= MIN_WEAK && /\d/.test(value) && /[A-Za-z]/.test(value);
}

/** Whether a value's form alone shows that it was generated. */
export function looksRandom(value: string): boolean {
  const look = value.slice(0, MAX_LOOK);
  return (
    /^[\w+/=~.-]+$/.test(look) &&
    look.length >= MIN_RANDOM &&
    (look.match(CHANGES)?.length ?? 0) >= MIN_CHANGES
  );
}

/** The rule that makes a value a secret, or undefined; with `isCertain`, a strong name is enough on its own. */
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

/** The ways to assign a value, and which values, quoted and bare, then certainly are secrets. */
const FORMS = {
  /** `password=…`, `password := …` */
  Equals: { quoted: always, bare: always },
  /** `password => …`, which without quotes is more often a function */
  Arrow: { quoted: always, bare: looksSecret },
  /** `password: …` */
  Colon: { quoted: always, bare: hasDigit },
  /** `land:secret:…` */
  Joined: { quoted: looksSecret, bare: looksSecret },
  /** `password("…")`, `"password", "…"` */
  Listed: { quoted: looksSecret, bare: looksSecret },
  /** `<password>…`, a value beside its name */
  Placed: { quoted: always, bare: always },
  /** `--password …` */
  Flag: { quoted: always, bare: hasDigit },
};
type Form = keyof typeof FORMS;

/** A secret that the sign at `index` assigns to a name. */
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

/** The text of an element, up to its closing tag. */
const CLOSED = /[^<]{1,1024}<\//y;

/** The start of the name that ends at `end`. */
function nameStart(text: string, end: number): number {
  const limit = Math.max(0, end - MAX_NAME);
  let start = end;
  while (start > limit && isNamePart(text.charCodeAt(start - 1))) start--;
  return start;
}

const isNamePart = oneOf(/[\w.[\]-]/);
/** What can come between a name and its sign: a closing quote, the end of an index. */
const isClosing = oneOf(/["'`\]]/);

/** The value beside one that is itself the name of a secret: `name="password" value="…"`. */
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
/** A quote, with whatever languages put before one. */
const OPENING = /(?:[bruf@$]{1,2}|N|new String\(|String\()?(["'`])/iy;

/** Reports the value that begins at `from` if it is a secret, and returns whether it is. */
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
  // A value inside an unquoted one that was found already ends where that does, so it adds nothing.
  return start >= search.openEnd && search.foundOpen(rule, start, endOf(VALUE_END, text, start));
}

/** The last letter of a word, then a short word and a colon, as in a sentence. */
const SENTENCE = /^\w [a-z]{3,5}:/i;
const MAX_WORD = 7;

/** Whether a value that begins with `look` is a secret, given its name and its place. */
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
    // After `=`, a single word can be a password (`password=tulip`), unless a dot marks it as code.
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

/** The end of a quoted value; a quote that is escaped or doubled is part of the value. */
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

/** A secret after a flag, such as `--password …` or `--db-token …` in a failed command; `index` is after its dash. */
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

/** A rule for what follows one of the commands and statements in the table. */
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

/** What follows `Bearer` or `Basic`: a credential is long, has digits or decodes to `user:password`; words do not. */
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
