import { Bit, has } from "./characters.js";
import type { Text } from "./Text.js";

const PERCENT = 37;
const TWO = 50;
const FIVE = 53;
const NINE = 57;
const HEX = 16;
const TEN = 10;
/** How often a text may have been encoded: `%252F` twice. A bound, so that a look costs the same everywhere. */
const MAX_TIMES = 4;

/** Says whether an encoded character is wanted, by its two digits. */
type Accepts = (high: number, low: number) => boolean;

/** The length of the encoded character at `index`, `%2F` or `%252F`, whose two digits satisfy `accepts`; 0 when there is none. */
export function encodedLength(text: Text, index: number, accepts: Accepts): number {
  let at = index + 1;
  for (let time = 1; time <= MAX_TIMES; time++, at += 2) {
    const high = text.at(at);
    const low = text.at(at + 1);
    if (accepts(high, low)) return at + 2 - index;
    if (high !== TWO || low !== FIVE) return 0;
  }
  return 0;
}

/** The same for the one that ends right before `index`. */
export function encodedLengthBefore(text: Text, index: number, accepts: Accepts): number {
  if (!accepts(text.at(index - 2), text.at(index - 1))) return 0;
  let at = index - 3;
  for (let time = 1; time <= MAX_TIMES; time++, at -= 2) {
    if (text.at(at) === PERCENT) return index - at;
    if (text.at(at) !== FIVE || text.at(at - 1) !== TWO) return 0;
  }
  return 0;
}

/** The length of whatever is encoded at `index`, where a percent sign is; 0 when it is only that sign. */
export function percentLength(text: Text, index: number): number {
  let at = index + 1;
  // Not through `encodedLength`: in texts that are encoded this is asked for every third character.
  for (let time = 1; time <= MAX_TIMES; time++, at += 2) {
    const high = text.at(at);
    const low = text.at(at + 1);
    if (high !== TWO || low !== FIVE)
      return has(high, Bit.Hex) && has(low, Bit.Hex) ? at + 2 - index : 0;
  }
  return 0;
}

/** The same for the one that ends right before `index`. */
export function percentLengthBefore(text: Text, index: number): number {
  return encodedLengthBefore(text, index, isAny);
}

/** The character, or byte of one outside ASCII, of an encoded character that ends at `end`. */
export function percentCode(text: Text, end: number): number {
  return HEX * digit(text.at(end - 2)) + digit(text.at(end - 1));
}

/** Any two digits, but not those of a percent sign that begins another encoded character. */
function isAny(high: number, low: number): boolean {
  return has(high, Bit.Hex) && has(low, Bit.Hex) && (high !== TWO || low !== FIVE);
}

/** Sets the bit that tells lower case from upper case. */
const LOWER = 32;
const A = 97;
const ZERO = 48;

function digit(code: number): number {
  return code <= NINE ? code - ZERO : (code | LOWER) - A + TEN;
}
