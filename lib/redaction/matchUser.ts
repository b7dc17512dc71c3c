import { goesOn } from "./characters.js";
import type { Rule } from "./Scan.js";
import { startsWithFolded } from "./spellings.js";

const USER = "<user>";

/** The user's name as a whole word; the scanner asks at the start of a word. */
export function userRule(spelling: string): Rule {
  return (scan, index) => {
    if (scan.hints?.named === true || !startsWithFolded(scan.text, index, spelling)) return false;
    const end = index + spelling.length;
    return !goesOn(scan.text.at(end)) && scan.found(index, end, USER);
  };
}
