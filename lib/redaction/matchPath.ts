import type { Scan, Rule } from "./Scan.js";
import type { Text } from "./Text.js";
import { Code, ASCII, Bit, has } from "./characters.js";
import {
  encodedLengthBefore,
  percentCode,
  separatorLength,
  skipSeparators,
  colonLength,
  encodedSeparatorBefore,
  encodedColonBefore,
  endsEscape,
} from "./encodings.js";
import {
  pathEnd,
  framePathEnd,
  isLastSegment,
  isPathRoot,
  isMethod,
  isRoute,
  segmentEnd,
} from "./pathSegments.js";

export const HOME = "<home>";
const PATH = "<path>";
const APPLICATION = "<app>";

/** An absolute path whose first separator, after a drive if there is one, is at `index`. */
export function matchPath(scan: Scan, index: number): boolean {
  const { text } = scan;
  const before = text.at(index - 1);
  // The first of several separators has answered for all of them.
  if (has(before, Bit.Hex) && encodedSeparatorBefore(text, index) > 0) return false;
  if (index === 0 || has(before, Bit.PathBoundary) || endsEscape(text, index)) {
    const drive = before === Code.Colon ? driveStart(text, index, scan.last) : -1;
    if (drive !== -1) return pathFound(scan, drive, index, true);
    const share = shareEnd(text, index);
    return share === -1 ? pathFound(scan, index, index, false) : outside(scan, index, share, PATH);
  }
  if (before === Code.Slash || before === Code.Backslash) return false;
  const begin = index + separatorLength(text, index);
  if (before === Code.Tilde) return isTildeHome(scan, index) && homeFound(scan, index - 1, index);
  if (has(before, Bit.LooseBoundary)) {
    if (isPathRoot(text, begin) || isWsl(text, index)) return pathFound(scan, index, index, true);
    const share = shareEnd(text, index);
    if (share !== -1) return outside(scan, index, share, PATH);
  }
  // What a development server serves from anywhere on the disk.
  if (before === Code.S && text.source.startsWith(SERVED_FILE, index - SERVED_FILE.length))
    return pathFound(scan, index, index, true);
  if (isFlag(text, index) && isPathRoot(text, begin)) return pathFound(scan, index, index, true);
  if (has(before, Bit.Hex)) {
    const drive = driveStart(text, index, scan.last);
    if (drive !== -1) return pathFound(scan, drive, index, true);
    const length = encodedLengthBefore(text, index);
    const code = length === 0 ? 0 : percentCode(text, index);
    if (code === Code.Tilde) return homeFound(scan, index - length, index);
    if (
      length > 0 &&
      (has(code, Bit.PathBoundary) || (has(code, Bit.LooseBoundary) && isPathRoot(text, begin)))
    )
      return pathFound(scan, index, index, false);
  }
  const next = text.at(begin);
  if (!scan.places.mayBeHome(next) && separatorLength(text, begin) === 0) return false;
  const home = scan.places.home(text, index, false);
  return home !== -1 && homeFound(scan, index, home);
}

/** Replaces a path that begins at `start` and has its first separator at `index`. */
export function pathFound(scan: Scan, start: number, index: number, isCertain: boolean): boolean {
  const { text, places } = scan;
  const application = places.application(text, index);
  if (application !== -1 && staysInside(scan, application))
    return scan.found(start, application, APPLICATION);
  const home = places.home(text, index, true);
  if (home !== -1) return homeFound(scan, start, home);
  if (!isCertain && !looksAbsolute(scan, index)) return false;
  return outside(scan, start, index, PATH);
}

/** A home directory that begins at `start` and ends at `from`, with what is below it. */
function homeFound(scan: Scan, start: number, from: number): boolean {
  if (separatorLength(scan.text, from) === 0) return scan.found(start, from, HOME);
  return outside(scan, start, from, `${HOME}/${PATH}`, PATH);
}

function outside(
  scan: Scan,
  start: number,
  from: number,
  label: string,
  frameLabel = label,
): boolean {
  const frameEnd = framePathEnd(scan, start, from);
  if (frameEnd === -1)
    return scan.found(start, Math.max(pathEnd(scan, start, from), from + 1), label);
  return scan.found(start, nameStart(scan.text, from, frameEnd), `${frameLabel}/`);
}

/** Where the last segment of a path begins. */
function nameStart(text: Text, from: number, end: number): number {
  let start = from;
  for (let index = from; index < end; index++) {
    const length = separatorLength(text, index);
    if (length > 0) start = index + length;
  }
  return start;
}

/** Whether the path below the application's directory never steps out of it by `..`. */
function staysInside(scan: Scan, from: number): boolean {
  if (scan.nextDots(from) === -1) return true;
  if (from < scan.walkedTo) return scan.walkedInside;
  const { text } = scan;
  const end = pathEnd(scan, from, from);
  let isInside = true;
  for (let index = from; index < end && isInside; index++) {
    if (separatorLength(text, index) === 0) continue;
    const at = skipSeparators(text, index);
    isInside = !(
      text.at(at) === Code.Dot &&
      text.at(at + 1) === Code.Dot &&
      (at + 2 >= end || separatorLength(text, at + 2) > 0)
    );
  }
  scan.walkedTo = end;
  scan.walkedInside = isInside;
  return isInside;
}

/** The start of `c:`, `/c:` or `c%3A` right before `index`; -1 when there is none. */
function driveStart(text: Text, index: number, floor: number): number {
  const colon = text.at(index - 1) === Code.Colon ? 1 : encodedColonBefore(text, index);
  const letter = index - colon - 1;
  if (colon === 0 || letter < floor || !has(text.at(letter), Bit.AsciiLetter)) return -1;
  const before = text.at(letter - 1);
  if (before === Code.Slash && letter > floor) return letter - 1;
  // A letter before it makes it the end of a word; in alphabets without blanks, one of another alphabet does not.
  return letter === floor ||
    before >= ASCII ||
    !has(before, Bit.Word) ||
    encodedLengthBefore(text, letter) > 0 ||
    endsEscape(text, letter)
    ? letter
    : -1;
}

const SERVED_FILE = "@fs";

/** Whether a flag of one letter ends right before `index`: `-I/usr/include`. */
function isFlag(text: Text, index: number): boolean {
  return (
    text.at(index - 2) === Code.Dash &&
    has(text.at(index - 1), Bit.AsciiLetter) &&
    (index < 3 ||
      has(text.at(index - 3), Bit.PathBoundary | Bit.LooseBoundary) ||
      endsEscape(text, index - 2))
  );
}

/** `~name/…`, the home directory of a user; the `~` is at `index`. */
export function matchNamedHome(scan: Scan, index: number): boolean {
  const { text } = scan;
  const end = text.skip(index + 1, Math.min(scan.to, index + MAX_NAME), Bit.Local);
  if (!has(text.at(index + 1), Bit.Letter) || separatorLength(text, end) === 0) return false;
  return isTildeHome(scan, index + 1) && homeFound(scan, index, end);
}

/** Names of users are no longer. */
const MAX_NAME = 64;

function isTildeHome(scan: Scan, index: number): boolean {
  const tilde = index - 1;
  const before = scan.text.at(tilde - 1);
  return (
    tilde <= scan.last ||
    has(before, Bit.PathBoundary | Bit.LooseBoundary) ||
    endsEscape(scan.text, tilde) ||
    encodedLengthBefore(scan.text, tilde) > 0
  );
}

/** The end of the server's name in `\\server\share`, `\\?\C:\`, `\\wsl$\`, plain or escaped; -1 when it is none. */
function shareEnd(text: Text, index: number): number {
  if (text.at(index) !== Code.Backslash || text.at(index + 1) !== Code.Backslash) return -1;
  const name = skipSeparators(text, index);
  const after = shareNameEnd(text, name);
  if (after === name || text.at(after) !== Code.Backslash) return -1;
  const drive = skipSeparators(text, after);
  const colon = has(text.at(drive), Bit.Letter) ? colonLength(text, drive + 1) : 0;
  return colon > 0 ? drive + 1 + colon : after;
}

function isShareSign(code: number): boolean {
  return code === Code.Dollar || code === Code.Dot || code === Code.Question;
}

/** Names of servers are no longer than this. */
const MAX_SERVER = 255;

function shareNameEnd(text: Text, from: number): number {
  let index = from;
  const limit = from + MAX_SERVER;
  while (index < limit && (has(text.at(index), Bit.Token) || isShareSign(text.at(index)))) index++;
  return index;
}

/** Hosts of the Linux inside Windows, the only ones that a path with two slashes is told by. */
const WSL = ["wsl$", "wsl.localhost"];

function isWsl(text: Text, index: number): boolean {
  const begin = skipSeparators(text, index);
  return begin - index > 1 && WSL.some((host) => text.hasFolded(begin, host));
}

function looksAbsolute(scan: Scan, index: number): boolean {
  const { text } = scan;
  const begin = skipSeparators(text, index);
  if (begin - index > 1 && text.at(index) === Code.Slash) return isWsl(text, index);
  if (!has(text.at(begin), Bit.SegmentStart)) return false;
  const end = segmentEnd(text, begin);
  if (isLastSegment(text, begin, end)) return false;
  const isRoot = isPathRoot(text, begin, end);
  if (!isRoot && (text.at(index) === Code.Backslash || scan.hints?.route === true)) return false;
  const word = wordBefore(text, index, scan.last);
  if (word !== "" && isMethod(word)) return false;
  return isRoot || (hasTwoSegments(text, begin, scan.to) && !isRoute(text, begin, end));
}

function hasTwoSegments(text: Text, from: number, to: number): boolean {
  for (let index = from; index < to; index++) {
    if (separatorLength(text, index) > 0)
      return has(text.at(skipSeparators(text, index)), Bit.SegmentStart);
    const code = text.at(index);
    if (has(code, Bit.PathStop) || has(code, Bit.PathBoundary)) return false;
  }
  return false;
}

/** The word before a path, which tells a route (`GET /users/1`) from a file. */
function wordBefore(text: Text, index: number, floor: number): string {
  const end = text.skipBack(index, floor, Bit.PathBoundary);
  if (end === index || !has(text.at(end - 1), Bit.Upper)) return "";
  const start = text.skipBack(end, Math.max(floor, end - LONGEST_METHOD - 1), Bit.Word);
  return end - start < SHORTEST_METHOD ? "" : text.source.slice(start, end);
}

const SHORTEST_METHOD = 3;
const LONGEST_METHOD = 7;

/** The names that stand for the home directory, or for one in it. */
export const HOME_VARIABLES: readonly string[] = ["HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"];

/** The signs before such a name: `$HOME`, `${HOME}`, `%USERPROFILE%`, `$env:APPDATA`; and those after it. */
const BEFORE = "${%:";
const AFTER = "}%";

/** What is below a home directory that goes by the name of a variable, which begins at `index`. */
export const matchHomeVariable: Rule = (scan, index) => {
  const { text } = scan;
  if (index === 0 || !BEFORE.includes(text.source.charAt(index - 1))) return false;
  for (const name of HOME_VARIABLES) {
    if (!text.hasFolded(index, name.toLowerCase())) continue;
    let from = index + name.length;
    if (from < text.length && AFTER.includes(text.source.charAt(from))) from++;
    const start = from + separatorLength(text, from);
    if (start === from || text.at(start) === Code.Less) continue;
    const end = pathEnd(scan, from, from);
    return end > start && scan.found(start, end, PATH);
  }
  return false;
};
