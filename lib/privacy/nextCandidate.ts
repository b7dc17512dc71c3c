import { Bit, codeAt, has } from "./characters.js";
import { endsEscape, escapeLength, mayEscape } from "./escapes.js";
import { hasHead, headOf } from "./Heads.js";
import { isEncodedSeparator } from "./separators.js";
import { mayNameSecret } from "./secretNames.js";

const ASCII = 128;
const WORD = 1;
const TRIGGER = 2;
/** `Bit.Word` and `Bit.Trigger` in a table of their own: the loop below reads it once for each character. */
const KINDS = Uint8Array.from({ length: ASCII }, (_, code) => (has(code, Bit.Word) ? WORD : has(code, Bit.Trigger) || mayEscape(code) ? TRIGGER : 0));

const SLASH = 47;
const BACKSLASH = 92;
const COLON = 58;
const EQUALS = 61;
const PERCENT = 37;
const TILDE = 126;
const AT = 64;
const ESCAPE = 27;
const DASH = 45;
const M = 109;

/**
 * The next index at which a rule could match, or -1. Plain text costs a look into a table for each character
 * and one for each word, and nothing else.
 */
export function nextCandidate(text: string, from: number, to: number, heads: Int32Array, homeStarts: Uint8Array): number {
  const kinds = KINDS;
  let index = from > 0 ? resumeAt(text, from, to, heads) : from;
  while (index < to) {
    const code = codeAt(text, index);
    const kind = code < ASCII ? kinds[code] : WORD;
    if (kind === WORD) {
      if (hasHead(heads, headOf(code, codeAt(text, index + 1), codeAt(text, index + 2)))) return index;
      index = code < ASCII ? wordEnd(text, index + 1, to, kinds) : foreignEnd(text, index + 1, to);
    } else {
      if (kind !== TRIGGER) index++;
      // The first of several separators answers for all of them, encoded ones too.
      else if (code === PERCENT && isEncodedSeparator(text, index) && isEncodedSeparator(text, index - ENCODED)) index += ENCODED;
      else if (isWorthwhile(text, index, code, homeStarts)) return index;
      else index = mayEscape(code) ? afterEscape(text, index, to, heads) : index + 1;
    }
  }
  return -1;
}

/** Where to go on after a match that ended at `from`, or none that began right before it: behind the word or escape it is in. */
function resumeAt(text: string, from: number, to: number, heads: Int32Array): number {
  const before = codeAt(text, from - 1);
  if (mayEscape(before)) return afterEscape(text, from - 1, to, heads);
  if (!has(before, Bit.Word)) return from;
  const inEscape = from - 2;
  if (codeAt(text, inEscape) === BACKSLASH && escapeLength(text, inEscape, to) > 1) return inEscape + escapeLength(text, inEscape, to);
  return wordEnd(text, from, to, KINDS);
}

/** What follows a backslash can be the letter of an escape, and as well the beginning of a name. */
function afterEscape(text: string, index: number, to: number, heads: Int32Array): number {
  const length = escapeLength(text, index, to);
  const isName = length > 1 && codeAt(text, index) === BACKSLASH && hasHead(heads, headOf(codeAt(text, index + 1), codeAt(text, index + 2), codeAt(text, index + 3)));
  return isName ? index + 1 : index + length;
}

/** The end of a word. Letters of other alphabets go with what is before them: such text has no blanks, and a token may follow. */
function wordEnd(text: string, from: number, to: number, kinds: Uint8Array): number {
  let index = from;
  for (; index < to; index++) {
    const code = codeAt(text, index);
    if (code >= ASCII) return foreignEnd(text, index + 1, to);
    if (kinds[code] !== WORD) break;
  }
  return index;
}

function foreignEnd(text: string, from: number, to: number): number {
  let index = from;
  while (index < to && codeAt(text, index) >= ASCII) index++;
  return index;
}

const ENCODED = 3;

/** Sorts out the signs that are in every other span name and method: `land:cocoon:handler`, `Service/Method`. */
function isWorthwhile(text: string, index: number, code: number, homeStarts: Uint8Array): boolean {
  if (code === ESCAPE) return false;
  if (index === 0) return true;
  const before = codeAt(text, index - 1);
  if (code === COLON || code === EQUALS) return has(before, Bit.UrlStop) || mayNameSecret(text, index);
  if (code === PERCENT) return has(codeAt(text, index + 1), Bit.Hex);
  if (code === AT) return has(before, Bit.Local);
  if (code !== SLASH && code !== BACKSLASH) return true;
  // The first of several separators answers for all of them.
  if (before === SLASH || before === BACKSLASH) return false;
  const next = codeAt(text, index + 1);
  // The backslash of a quote in JSON text that was quoted itself begins no path.
  if (code === BACKSLASH && before !== COLON && before !== TILDE && has(next, Bit.Quote) && homeStarts[next] === 0) return false;
  if (has(before, Bit.PathBoundary | Bit.LooseBoundary) || before === TILDE) return true;
  if (homeStarts[next < ASCII ? next : ASCII] === 1 || next === SLASH || next === BACKSLASH || next === PERCENT) return true;
  const second = codeAt(text, index - 2);
  const third = codeAt(text, index - 3);
  return second === DASH || third === PERCENT || third === AT || ((second === BACKSLASH || before === M) && endsEscape(text, index));
}
