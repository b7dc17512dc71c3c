import { encodedLength } from "./percent.js";
import type { Text } from "./Text.js";

const SPACE = 32;
const PLUS = 43;
const PERCENT = 37;
const TWO = 50;
const ZERO = 48;

/** The index after the blanks at `from`; one can be encoded as `%20`, or as `+` as forms do. */
export function skipBlanks(text: Text, from: number, to: number): number {
  let index = from;
  while (index < to && text.at(index) === SPACE) index++;
  if (index !== from || index >= to) return index;
  const code = text.at(index);
  if (code === PLUS) return index + 1;
  return code === PERCENT ? index + encodedLength(text, index, isBlank) : index;
}

function isBlank(high: number, low: number): boolean {
  return high === TWO && low === ZERO;
}
