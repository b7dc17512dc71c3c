import { PATH } from "./matchPath.js";
import { pathEnd } from "./pathEnd.js";
import type { Rule } from "./Scan.js";
import { separatorLength } from "./separators.js";
import { startsWithFolded } from "./spellings.js";

/** The names that stand for the home directory, or for one in it. */
export const HOME_VARIABLES: readonly string[] = ["HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"];

const LESS = 60;
/** The signs before such a name: `$HOME`, `${HOME}`, `%USERPROFILE%`, `$env:APPDATA`; and those after it. */
const BEFORE = "${%:";
const AFTER = "}%";

/** What is below a home directory that goes by the name of a variable, which begins at `index`. */
export const matchHomeVariable: Rule = (scan, index) => {
  const { text } = scan;
  if (index === 0 || !BEFORE.includes(text.source.charAt(index - 1))) return false;
  for (const name of HOME_VARIABLES) {
    if (!startsWithFolded(text, index, name.toLowerCase())) continue;
    let from = index + name.length;
    if (from < text.length && AFTER.includes(text.source.charAt(from))) from++;
    const start = from + separatorLength(text, from);
    if (start === from || text.at(start) === LESS) continue;
    const end = pathEnd(scan, from, from);
    return end > start && scan.found(start, end, PATH);
  }
  return false;
};
