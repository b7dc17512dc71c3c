import { skipBlanks } from "./blanks.js";
import { Bit, has } from "./characters.js";
import { SECRET } from "./labels.js";
import type { Rule } from "./Scan.js";
import { hasDigitAt, MAX_NAME, Secrecy, secrecyAt } from "./secretNames.js";

const DASH = 45;

/** A secret after a flag, as in the command of a process that failed: `--password …`, `--db-token …`. The name's word is at `index`. */
export const matchFlag: Rule = (scan, index) => {
  const { text, to } = scan;
  const start = text.skipBack(index, Math.max(scan.last, index - MAX_NAME), Bit.Token);
  if (text.at(start) !== DASH || text.at(start + 1) !== DASH) return false;
  const end = text.skip(index, Math.min(to, index + MAX_NAME), Bit.Token);
  let from = skipBlanks(text, end, to);
  if (from === end || secrecyAt(text, start, end) === Secrecy.None) return false;
  while (from < to && has(text.at(from), Bit.Quote)) from++;
  let valueEnd = from;
  while (valueEnd < to && !has(text.at(valueEnd), Bit.ValueEnd)) valueEnd++;
  // The next word of a sentence has no digits: `--password is required`.
  return (
    text.at(from) !== DASH && hasDigitAt(text, from, valueEnd) && scan.found(from, valueEnd, SECRET)
  );
};
