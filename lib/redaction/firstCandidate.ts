import { mayEscape } from "./escapes.js";
import { hasHead, headOf } from "./Heads.js";
import { ASCII, KINDS, TRIGGER, WORD } from "./kinds.js";
import { judgeSign, Sign } from "./signs.js";

/**
 * The first index at which a rule could match, or -1. Reads the string where it is, which plain text, as most is, makes
 * cheaper than a copy: it costs a look into a table for each character and one for each word. What cannot be told from
 * the next few characters is taken for something.
 */
export function firstCandidate(
  text: string,
  to: number,
  heads: Int32Array,
  homeStarts: Uint8Array,
): number {
  const kinds = KINDS;
  const { length } = text;
  let index = 0;
  while (index < to) {
    const code = text.charCodeAt(index);
    const kind = code < ASCII ? kinds[code] : WORD;
    if (kind === TRIGGER) {
      if (mayBegin(text, index, code, homeStarts)) return index;
      index++;
    } else if (kind === WORD) {
      // A head has three characters.
      if (
        index + 2 < length &&
        hasHead(heads, headOf(code, text.charCodeAt(index + 1), text.charCodeAt(index + 2)))
      )
        return index;
      index = wordEnd(text, code < ASCII ? index + 1 : index, to, kinds);
    } else index++;
  }
  return -1;
}

/** As much as stands around a sign that is judged. */
const BEFORE = 3;

function mayBegin(text: string, index: number, code: number, homeStarts: Uint8Array): boolean {
  if (mayEscape(code) || index < BEFORE || index + 1 === text.length) return true;
  const before = text.charCodeAt(index - 1);
  return (
    judgeSign(
      text.charCodeAt(index - 3),
      text.charCodeAt(index - 2),
      before,
      code,
      text.charCodeAt(index + 1),
      homeStarts,
    ) !== Sign.Nothing
  );
}

/** The end of a word: of its letters, and of those of other alphabets that follow them. */
function wordEnd(text: string, from: number, to: number, kinds: Uint8Array): number {
  let index = from;
  for (; index < to; index++) {
    const code = text.charCodeAt(index);
    if (code >= ASCII) break;
    if (kinds[code] !== WORD) return index;
  }
  while (index < to && text.charCodeAt(index) >= ASCII) index++;
  return index;
}
