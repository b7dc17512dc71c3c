import { Bit, has } from "./characters.js";
import { TOKEN } from "./labels.js";
import { percentCode, percentLength } from "./percent.js";
import type { Rule } from "./Scan.js";
import { looksSecretAt } from "./secretNames.js";
import type { Text } from "./Text.js";

const EQUALS = 61;
const PERCENT = 37;
const PLUS = 43;

/** The length of the sign at `index`, encoded or not. */
function percentLengthAt(text: Text, index: number): number {
  return text.at(index) === PERCENT ? Math.max(1, percentLength(text, index)) : 1;
}

const AWS_ID = 20;
const AWS_SECRET = 40;
/** Blanks, quotes, a comma or a colon: what stands between an id and its secret. */
const MAX_BETWEEN = 8;

/** The end of at least as many characters of base64 as an AWS secret has, since a slash may follow it; `from` when there are fewer. */
function secretEnd(text: Text, from: number, to: number): number {
  let count = 0;
  let index = from;
  for (; index < to; count++) {
    const length = percentLengthAt(text, index);
    // The slash and the plus sign of base64 can be encoded; what ends it too.
    const code = length === 1 ? text.at(index) : percentCode(text, index + length);
    if (!has(code, Bit.Base64)) break;
    index += length;
  }
  return count >= AWS_SECRET ? index : from;
}

/** An AWS key's id, with the secret that stands right behind it: 40 characters of base64 that look like nothing else. */
export const matchAws: Rule = (scan, index) => {
  const { text, to } = scan;
  const id = text.skip(index, to, Bit.Upper);
  if (id - index < AWS_ID) return false;
  let start = id;
  while (
    start < Math.min(to, id + MAX_BETWEEN) &&
    (!has(text.at(start), Bit.Base64) || text.at(start) === PLUS)
  )
    start += percentLengthAt(text, start);
  // An equals sign is one of base64, and also of an assignment.
  while (text.at(start) === EQUALS) start++;
  const end = secretEnd(text, start, to);
  return start > id && looksSecretAt(text, start, end) && scan.found(index, end, TOKEN);
};
