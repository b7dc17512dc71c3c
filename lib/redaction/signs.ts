import { Bit, has } from "./characters.js";
import { endsLikeSecret } from "./secretNames.js";

/** What a sign can be the beginning or the middle of. */
export enum Sign {
  Nothing,
  Something,
  /** Something where an escape ends before it. */
  AfterEscape,
}

const ASCII = 128;
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
 * Sorts out the signs that are in every other span name and method, `land:cocoon:handler`, `Service/Method`, by the
 * code of the sign, of the three before it, and of the one behind it. It is not the first of its text.
 */
export function judgeSign(
  third: number,
  second: number,
  before: number,
  code: number,
  next: number,
  homeStarts: Uint8Array,
): Sign {
  if (code === SLASH || code === BACKSLASH)
    return judgeSeparator(third, second, before, code, next, homeStarts);
  const isSomething =
    code === COLON || code === EQUALS
      ? has(before, Bit.UrlStop) || endsLikeSecret(third, second, before)
      : code === PERCENT
        ? has(next, Bit.Hex)
        : code === AT
          ? has(before, Bit.Local)
          : code !== ESCAPE;
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
  if (before === SLASH || before === BACKSLASH) return Sign.Nothing;
  // The backslash of a quote in JSON text that was quoted itself begins no path.
  if (
    code === BACKSLASH &&
    before !== COLON &&
    before !== TILDE &&
    has(next, Bit.Quote) &&
    homeStarts[next] === 0
  )
    return Sign.Nothing;
  if (has(before, Bit.PathBoundary | Bit.LooseBoundary) || before === TILDE) return Sign.Something;
  if (
    homeStarts[next < ASCII ? next : ASCII] === 1 ||
    next === SLASH ||
    next === BACKSLASH ||
    next === PERCENT
  )
    return Sign.Something;
  if (second === DASH || third === PERCENT || third === AT) return Sign.Something;
  return second === BACKSLASH || before === M ? Sign.AfterEscape : Sign.Nothing;
}
