import { Bit, has } from "./characters.js";
import { endsEscape, escapeLength, mayEscape } from "./escapes.js";
import { hasHead, headOf } from "./Heads.js";
import { ASCII, KINDS, TRIGGER, WORD } from "./kinds.js";
import { isEncodedSeparator } from "./separators.js";
import { judgeSign, Sign } from "./signs.js";
import type { Text } from "./Text.js";

const BACKSLASH = 92;
const PERCENT = 37;
const ESCAPE = 27;

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
        code === PERCENT &&
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
  if (text.at(inEscape) === BACKSLASH && escapeLength(text, inEscape, to) > 1)
    return inEscape + escapeLength(text, inEscape, to);
  return wordEnd(text, from, to);
}

/** What follows a backslash can be the letter of an escape, and as well the beginning of a name. */
function afterEscape(text: Text, index: number, to: number, heads: Int32Array): number {
  const length = escapeLength(text, index, to);
  const isName =
    length > 1 &&
    text.at(index) === BACKSLASH &&
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
  if (index === 0) return code !== ESCAPE;
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
