import type { Text } from "./Text.js";
import { Code, ASCII, Bit, has, hasHead, headOf, isIn } from "./characters.js";
import { isEncodedSeparator, mayEscape, escapeLength, endsEscape } from "./encodings.js";
import { endsLikeSecret } from "./secrecy.js";

const WORD = 1;
const TRIGGER = 2;
/** `Bit.Word` and `Bit.Trigger` in a table of their own: whoever looks for the next candidate reads it once for each character. */
const KINDS = Uint8Array.from({ length: ASCII }, (_, code) =>
  has(code, Bit.Word) ? WORD : has(code, Bit.Trigger) || mayEscape(code) ? TRIGGER : 0,
);

/** The next index from `from` on, where a word or sign begins, at which a rule could match; or -1. */
export function nextCandidate(
  text: Text,
  from: number,
  to: number,
  heads: Int32Array,
  homeStarts: Uint8Array,
): number {
  const kinds = KINDS;
  let index = from;
  while (index < to) {
    const code = text.unitAt(index);
    const kind = code < ASCII ? kinds[code] : WORD;
    if (kind === WORD) {
      if (hasHead(heads, headOf(code, text.at(index + 1), text.at(index + 2)))) return index;
      index = code < ASCII ? wordEnd(text, index + 1, to) : foreignEnd(text, index + 1, to);
    } else {
      if (kind !== TRIGGER) index++;
      // The first of several separators answers for all of them, encoded ones too.
      else if (
        code === Code.Percent &&
        isEncodedSeparator(text, index) &&
        isEncodedSeparator(text, index - ENCODED)
      )
        index += ENCODED;
      else if (isWorthwhile(text, index, code, homeStarts)) return index;
      else index = mayEscape(code) ? afterEscape(text, index, to, heads) : index + 1;
    }
  }
  return -1;
}

/** Where to go on after a match that ended at `from`, or none that began right before it: behind the word or escape it is in. */
export function resumeAt(text: Text, from: number, to: number, heads: Int32Array): number {
  const before = text.at(from - 1);
  if (mayEscape(before)) return afterEscape(text, from - 1, to, heads);
  if (!has(before, Bit.Word)) return from;
  const inEscape = from - 2;
  if (text.at(inEscape) === Code.Backslash && escapeLength(text, inEscape, to) > 1)
    return inEscape + escapeLength(text, inEscape, to);
  return wordEnd(text, from, to);
}

/** What follows a backslash can be the letter of an escape, and as well the beginning of a name. */
function afterEscape(text: Text, index: number, to: number, heads: Int32Array): number {
  const length = escapeLength(text, index, to);
  const isName =
    length > 1 &&
    text.at(index) === Code.Backslash &&
    hasHead(heads, headOf(text.at(index + 1), text.at(index + 2), text.at(index + 3)));
  return isName ? index + 1 : index + length;
}

/** The end of a word. Letters of other alphabets go with what is before them: such text has no blanks, and a token may follow. */
function wordEnd(text: Text, from: number, to: number): number {
  const kinds = KINDS;
  let index = from;
  for (; index < to; index++) {
    const code = text.unitAt(index);
    if (code >= ASCII) return foreignEnd(text, index + 1, to);
    if (kinds[code] !== WORD) break;
  }
  return index;
}

function foreignEnd(text: Text, from: number, to: number): number {
  let index = from;
  while (index < to && text.unitAt(index) >= ASCII) index++;
  return index;
}

const ENCODED = 3;

function isWorthwhile(text: Text, index: number, code: number, homeStarts: Uint8Array): boolean {
  if (index === 0) return code !== Code.Escape;
  const sign = judgeSign(
    text.at(index - 3),
    text.at(index - 2),
    text.at(index - 1),
    code,
    text.at(index + 1),
    homeStarts,
  );
  return sign === Sign.Something || (sign === Sign.AfterEscape && endsEscape(text, index));
}

/** What a sign can be the beginning or the middle of. */
enum Sign {
  Nothing,
  Something,
  /** Something where an escape ends before it. */
  AfterEscape,
}

/**
 * Sorts out the signs that are in every other span name and method, `land:cocoon:handler`, `Service/Method`, by the
 * code of the sign, of the three before it, and of the one behind it. It is not the first of its text.
 */
function judgeSign(
  third: number,
  second: number,
  before: number,
  code: number,
  next: number,
  homeStarts: Uint8Array,
): Sign {
  if (code === Code.Slash || code === Code.Backslash)
    return judgeSeparator(third, second, before, code, next, homeStarts);
  const isSomething =
    code === Code.Colon || code === Code.Equals
      ? has(before, Bit.UrlStop) || endsLikeSecret(third, second, before)
      : code === Code.Percent
        ? has(next, Bit.Hex)
        : code === Code.At
          ? has(before, Bit.Local)
          : code !== Code.Escape;
  return isSomething ? Sign.Something : Sign.Nothing;
}

function judgeSeparator(
  third: number,
  second: number,
  before: number,
  code: number,
  next: number,
  homeStarts: Uint8Array,
): Sign {
  // The first of several separators answers for all of them.
  if (before === Code.Slash || before === Code.Backslash) return Sign.Nothing;
  // The backslash of a quote in JSON text that was quoted itself begins no path.
  if (
    code === Code.Backslash &&
    before !== Code.Colon &&
    before !== Code.Tilde &&
    has(next, Bit.Quote) &&
    !isIn(homeStarts, next)
  )
    return Sign.Nothing;
  if (has(before, Bit.PathBoundary | Bit.LooseBoundary) || before === Code.Tilde)
    return Sign.Something;
  if (
    isIn(homeStarts, next) ||
    next === Code.Slash ||
    next === Code.Backslash ||
    next === Code.Percent
  )
    return Sign.Something;
  if (second === Code.Dash || third === Code.Percent || third === Code.At) return Sign.Something;
  return second === Code.Backslash || before === Code.M ? Sign.AfterEscape : Sign.Nothing;
}
