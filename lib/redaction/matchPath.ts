import { alternatives, endOf, MAX_TEST } from "./matchToken.js";
import type { Rule } from "./Rules.js";
import type { Search } from "./Search.js";
import { Code, codeAt, isQuote, isSeparator, isWord, oneOf } from "./tables/characters.js";
import {
  BEFORE_ROUTES,
  BEHIND_VARIABLE,
  HOME_VARIABLES,
  PREFIXES,
  ROOTS,
  ROUTES,
} from "./tables/places.js";

const HOME = "<home>";
const PATH = "<path>";

/** Longest path whose closing quote is looked for: hostile text has many beginnings before one distant end. */
const MAX_PATH = 1_024;
/** How far past a blank the next separator is looked for. */
const MAX_LOOKAHEAD = 64;

const prefixes = PREFIXES.map(([rule, source]) => ({ rule, pattern: new RegExp(source, "iy") }));

/** What precedes a path. */
enum Before {
  /** Part of a word or of a relative path. */
  Inside,
  /** A sign after which a well-known root still begins a path: `@`, `>`, a letter of a script without blanks. */
  Sign,
  /** The start of the text, a blank, a quote, a bracket: any path can begin here. */
  Boundary,
}

const isOpening = oneOf(/[\0-\x20"'`([{=:,;|&!]/);
const isJoining = oneOf(/[._)\]*-]/);

function beforeOf(text: string, index: number): Before {
  const code = codeAt(text, index - 1);
  if (isOpening(code)) return Before.Boundary;
  const isBreak = codeAt(text, index - 2) === Code.Backslash && /[nrt]/.test(text[index - 1] ?? "");
  if (isWord(code)) return isBreak ? Before.Boundary : Before.Inside;
  return isJoining(code) ? Before.Inside : Before.Sign;
}

/** An absolute path whose first separator, after a drive if there is one, is at `index`. */
export function matchPath(search: Search, index: number): boolean {
  const { text } = search;
  const code = codeAt(text, index - 1);
  // The first of several separators was examined for all of them.
  if (isSeparator(code) && index > search.last) return false;
  const before = beforeOf(text, index);
  if (code === Code.Colon) {
    const drive = driveStart(search, index);
    if (drive !== -1) return pathFound(search, "path.drive", drive, index);
  }
  if (before === Before.Inside) {
    // A file that a development server serves from anywhere on the disk, or a well-known root after a flag.
    if (text.startsWith("@fs", index - 3) || (isFlag(text, index) && isRooted(text, index)))
      return pathFound(search, "path.root", index, index);
    return homeAt(search, index, index, false);
  }
  if (code === Code.Tilde)
    return (
      // Between two slashes it is a regular expression (`/~/g`) or part of a path.
      !isSeparator(text.charCodeAt(index - 2)) &&
      beforeOf(text, index - 1) !== Before.Inside &&
      found(search, "path.home", index - 1, index, true)
    );
  // Checked before the roots: most paths are the user's or the application's, and this check is cheap.
  if (applicationAt(search, index, index) || homeAt(search, index, index, true)) return true;
  if (isRooted(text, index) && !METHOD.test(text.slice(Math.max(0, index - 9), index)))
    return found(search, "path.root", index, index, false);
  const next = text.charCodeAt(index + 1);
  if (text.charCodeAt(index) === Code.Backslash || (isSeparator(next) && code !== Code.Hash)) {
    for (const { rule, pattern } of prefixes) {
      const end = endOf(pattern, text, index);
      if (end !== -1) return found(search, rule, index, end, false);
    }
  }
  if (before !== Before.Boundary || !looksAbsolute(search, index)) return false;
  return found(search, "path.other", index, index, false);
}

/** A path that begins at `start` and has its first separator at `index`. */
export function pathFound(search: Search, rule: string, start: number, index: number): boolean {
  return (
    applicationAt(search, start, index) ||
    homeAt(search, start, index, true) ||
    found(search, rule, start, index, false)
  );
}

function homeAt(search: Search, start: number, index: number, isBegun: boolean): boolean {
  const { text } = search;
  const { places } = search.rules;
  let next = index + 1;
  while (isSeparator(text.charCodeAt(next))) next++;
  if (!places.mayBeHome(text.charAt(next))) return false;
  let end = places.homes === undefined ? -1 : endOf(places.homes, text, index);
  if (end === -1 && isBegun && places.shallowHomes !== undefined)
    end = endOf(places.shallowHomes, text, index);
  return end !== -1 && found(search, "path.home", start, end, true);
}

/** A `..` in the rest of a path, which may leave the directory. */
const STEP_OUT = /[^\s"'`<>|]{0,1024}?[\\/]\.\.(?![^\\/\s"'`<>|:,;)])/y;

function applicationAt(search: Search, start: number, index: number): boolean {
  const { application } = search.rules.places;
  const end = application === undefined ? -1 : endOf(application, search.text, index);
  if (end === -1 || endOf(STEP_OUT, search.text, end) !== -1) return false;
  return search.found("path.application", start, end);
}

/** Reports a path that was matched up to `from`, and what is below it; a stack frame keeps the name of its file. */
function found(
  search: Search,
  rule: string,
  start: number,
  from: number,
  isHome: boolean,
): boolean {
  const { text } = search;
  const label =
    isHome && isSeparator(text.charCodeAt(from)) ? `${HOME}/${PATH}` : isHome ? HOME : PATH;
  if (label === HOME) return search.found(rule, start, from);
  const file = frameFile(text, start, from);
  if (file !== -1) return search.found(rule, start, file, `${PATH}/`);
  return search.found(rule, start, Math.max(pathEnd(text, start, from), from + 1), label);
}

/** The start of a `c:` or `/c:` right before `index`; -1 if there is none. */
function driveStart({ text, last }: Search, index: number): number {
  const letter = index - 2;
  if (letter < last || !/[A-Za-z]/.test(text.charAt(letter))) return -1;
  const before = text.charCodeAt(letter - 1);
  if (before === Code.Slash && letter > last) return letter - 1;
  return letter === last || !isWord(before) ? letter : -1;
}

/** Whether a flag of one letter ends right before `index`: `-I/usr/include`. */
function isFlag(text: string, index: number): boolean {
  return (
    text.charCodeAt(index - 2) === Code.Dash &&
    isWord(text.charCodeAt(index - 1)) &&
    (index < 3 || beforeOf(text, index - 2) !== Before.Inside)
  );
}

const NAMED_HOME = /~[A-Za-z\u0080-\uffff][\w.\u0080-\uffff-]{0,63}(?=[\\/])/y;

/** `~name/…`, the home directory of a user; the `~` is at `index`. */
export function matchNamedHome(search: Search, index: number): void {
  const end = endOf(NAMED_HOME, search.text, index);
  if (end === -1 || index < search.urlEnd || isSeparator(codeAt(search.text, index - 1))) return;
  if (beforeOf(search.text, index) !== Before.Inside) found(search, "path.home", index, end, true);
}

const VARIABLE = new RegExp(
  `(?<=[\${%:])${alternatives(HOME_VARIABLES.join(" "))}${BEHIND_VARIABLE}`,
  "iy",
);

/** What is below a home directory given as a variable, whose name begins at `index`. */
export const matchHomeVariable: Rule = (search, index) => {
  const { text } = search;
  const start = endOf(VARIABLE, text, index);
  if (start === -1) return false;
  return search.found("path.variable", start, pathEnd(text, start, start));
};

/** One segment of a path, up to the length of well-known names. */
const SEGMENT = /[^\\/\0-\x1f"'`<>|*?:]{0,80}/y;

/** Whether the first segment at `index` is a well-known root that another segment follows. */
function isRooted(text: string, index: number): boolean {
  let begin = index + 1;
  while (isSeparator(text.charCodeAt(begin))) begin++;
  const end = endOf(SEGMENT, text, begin);
  if (!isSeparator(text.charCodeAt(end)) || !ROOTS.has(text.slice(begin, end).toLowerCase()))
    return false;
  // A drive as a folder is written with a slash, `/d`; `\d` is a digit in a regular expression.
  if (end - begin === 1 && text.charCodeAt(index) === Code.Backslash) return false;
  return ROOTED.test(text.slice(begin, end + MAX_LOOKAHEAD));
}

/** The method of a request, which a route follows. */
const METHOD = /\b(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|CONNECT|TRACE) $/;
/** A root with something after it; `/users/42` is a route, and `/c/g` the end of a regular expression. */
const ROOTED =
  /^(?!users\/\d+(?![^\s/?#"'`)])|[a-z]\/[dgimsuvy]{1,4}(?![\w/.-]))[^\\/]+[\\/]+[^\s\\/<>"'`|*?:;,()]/;

const SERVICE_METHOD = /^\/+(?:[\w.]*\.|\w*(?=Service\/))[A-Z]\w*\/[A-Z]\w*(?![\w/.-])/;
/** A regular expression with flags or a method call, or a route to a numbered item. */
const PATTERN =
  /^\/(?:[^/\s]+\/(?:[dgimsuvy]{1,8}(?![\w/.-])|[dgimsuvy]{0,8}\.(?:test|exec)\()|[a-z][\w-]*\/\d+(?![\w/.-]))/;
const TWO_SEGMENTS =
  /^\/[\w.@+%\u0080-\uffff-][^\\/\s"'`<>|*?:;,()[\]{}=^$&!]*\/[\w.@+\u0080-\uffff-]/;

/** Whether text that begins with a slash, with no other sign of a path, is one: two segments or more, and no route. */
function looksAbsolute({ text, hints, last }: Search, index: number): boolean {
  if (hints?.route === true) return false;
  const look = text.slice(index, index + MAX_TEST);
  if (!TWO_SEGMENTS.test(look) || PATTERN.test(look) || SERVICE_METHOD.test(look)) return false;
  const first = look.slice(1, look.indexOf("/", 1));
  if (ROUTES.has(first.toLowerCase()) || /^v\d+[a-z\d.]*$/.test(first)) return false;
  return !BEFORE_ROUTES.test(text.slice(Math.max(last, index - MAX_LOOKAHEAD), index));
}

/** What ends a path in a sentence. */
const endsPath = oneOf(/[\0-\x1f"'`<>|*?:]/);

/** Punctuation that follows a path or a URL in a sentence. */
const isTrailing = oneOf(/[.,;)\]}!\\]/);

/** The end of the range from `from` to `to` without trailing punctuation. */
export function trimmed(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && isTrailing(text.charCodeAt(end - 1))) end--;
  return end;
}

/**
 * The end of a path that begins at `start` and was matched up to `from`. Between quotes it is the closing quote.
 * Elsewhere a path may contain blanks; when in doubt more is taken, because half a directory's name is a leak.
 */
function pathEnd(text: string, start: number, from: number): number {
  const quote = text.charCodeAt(start - 1);
  if (isQuote(quote)) {
    const isEscaped = text.charCodeAt(start - 2) === Code.Backslash;
    const limit = Math.min(text.length, from + MAX_PATH);
    for (let end = from; end < limit && text.charCodeAt(end) >= Code.Space; end++) {
      if (text.charCodeAt(end) !== quote || isApostrophe(text, end)) continue;
      const hasBackslash = text.charCodeAt(end - 1) === Code.Backslash;
      if (isEscaped && hasBackslash) return end - 1;
      if (isEscaped === hasBackslash) return end;
    }
  }
  return sentenceEnd(text, start, from);
}

/** A quote between letters is part of a name: `Bob's files`. */
function isApostrophe(text: string, index: number): boolean {
  return (
    text.charCodeAt(index) === Code.SingleQuote &&
    isWord(text.charCodeAt(index - 1)) &&
    /^[a-z](?![a-z]*['"`]?:)/i.test(text.slice(index + 1, index + MAX_LOOKAHEAD))
  );
}

function sentenceEnd(text: string, start: number, from: number): number {
  const { length } = text;
  const opener = text.charAt(start - 1);
  let depth = 0;
  let hasDot = false;
  let index = from;
  for (; index < length; index++) {
    const code = text.charCodeAt(index);
    if (isWord(code)) continue;
    if (isSeparator(code)) hasDot = false;
    else if (code === Code.Dot) hasDot = true;
    else if (code === Code.Space) {
      if (!continues(text, index + 1, hasDot, start === 0)) break;
    } else if (endsPath(code)) {
      if (!isApostrophe(text, index)) break;
    } else if (code === SEMICOLON) {
      if (startsPath(text, index + 1)) break;
    } else if (code === Code.OpenParenthesis || code === Code.OpenBracket) depth++;
    else if ((code === CLOSE_PARENTHESIS || code === Code.CloseBracket) && --depth < 0) {
      // The bracket around the whole path ends it.
      if ("([".includes(opener) && opener !== "") break;
    }
  }
  return trimmed(text, from, index);
}

const SEMICOLON = 59;
const CLOSE_PARENTHESIS = 41;
const PEM = "-----BEGIN";

/** Whether the words after a blank belong to the path: a separator follows, or they look like a name. */
function continues(text: string, from: number, hasDot: boolean, isWhole: boolean): boolean {
  if (text.startsWith(PEM, from)) return false;
  const end = Math.min(text.length, from + MAX_LOOKAHEAD);
  let isFresh = true;
  for (let index = from; index < end; index++) {
    const code = text.charCodeAt(index);
    // A separator right after a blank begins another path.
    if (isSeparator(code)) return !isFresh;
    if (endsPath(code) && !isApostrophe(text, index)) break;
    isFresh = isOpening(code);
  }
  if (hasDot || from >= text.length) return false;
  return isWhole || /^\p{Lu}\p{Ll}/u.test(text.slice(from, from + 4));
}

function startsPath(text: string, index: number): boolean {
  return isSeparator(text.charCodeAt(index)) || text.charCodeAt(index + 1) === Code.Colon;
}

const FRAME = /(?:^|\n)[ \t]+at (?:async )?(?:[^\n()]*\()?(?:[a-z-]+:\/\/)?$/;
const FRAME_END = /(?:[^\n:]|:(?!\d)){1,1024}(?=:\d)/y;

/** Where the file's name begins in the path of a stack frame, which a line number follows; -1 for any other path. */
function frameFile(text: string, start: number, from: number): number {
  if (start === 0 || !FRAME.test(text.slice(Math.max(0, start - MAX_FRAME_HEAD), start))) return -1;
  const end = endOf(FRAME_END, text, from);
  if (end === -1) return -1;
  const path = text.slice(from, end);
  return from + Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1;
}

/** Characters of a frame before its path: the function's name and what precedes it. */
const MAX_FRAME_HEAD = 160;
