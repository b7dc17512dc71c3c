import { Bit, goesOn, has } from "./characters.js";
import { separatorLength, skipSeparators } from "./separators.js";
import { spellings, startsWithFolded } from "./spellings.js";
import type { Text } from "./Text.js";

/** A directory as the spellings of each of its segments, without the drive. */
type Place = readonly (readonly string[])[];

const DRIVE = /^([A-Za-z]):/;
const LATIN = 128;
const DASH = 45;
const DOT = 46;
const UNDERSCORE = 95;

/** The directories that have a name of their own in what is sent: the home directories and the application. */
export class KnownPlaces {
  readonly #homes: readonly Place[];
  readonly #application: Place | undefined;
  /** The characters that a home directory's first segment begins with, in both cases; the last stands for all outside ASCII. */
  readonly homeStarts: Uint8Array;
  /** The same of the application's directory. */
  readonly #applicationStarts: Uint8Array;

  constructor(homes: readonly string[], applicationRoot: string | undefined) {
    this.#homes = homes.map(toPlace).filter((place) => place.length > 0);
    this.homeStarts = startsOf(this.#homes);
    // A root that holds a home directory would let every path of its user through.
    const isHolder = homes.some(
      (home) => applicationRoot !== undefined && holds(applicationRoot, home),
    );
    const application = applicationRoot === undefined || isHolder ? [] : toPlace(applicationRoot);
    this.#application = application.length === 0 ? undefined : application;
    this.#applicationStarts = startsOf(application.length === 0 ? [] : [application]);
  }

  /** Whether a segment that begins with this character can be the first of a home directory. */
  mayBeHome(code: number): boolean {
    return isStart(this.homeStarts, code);
  }

  /** The end of a home directory whose first separator is at `index`, or -1. */
  home(text: Text, index: number, atBoundary: boolean): number {
    if (!this.mayBeHome(text.at(skipSeparators(text, index)))) return -1;
    for (const place of this.#homes) {
      // A home of one segment, such as /root, is a common word in the middle of a relative path.
      const end = place.length > 1 || atBoundary ? matchPlace(place, text, index) : -1;
      if (end !== -1) return end;
    }
    return -1;
  }

  /** The end of the application's directory whose first separator is at `index`, or -1. */
  application(text: Text, index: number): number {
    if (
      this.#application === undefined ||
      !isStart(this.#applicationStarts, text.at(skipSeparators(text, index)))
    )
      return -1;
    return matchPlace(this.#application, text, index);
  }
}

/** The segments of an absolute path, without its drive. */
export function segmentsOf(path: string): readonly string[] {
  return path
    .replace(DRIVE, "")
    .split(/[\\/]+/)
    .filter((segment) => segment !== "" && segment !== ".");
}

function startsOf(places: readonly Place[]): Uint8Array {
  const starts = new Uint8Array(LATIN + 1);
  for (const [first = []] of places) {
    for (const name of first)
      for (const form of [name, name.toUpperCase()])
        starts[Math.min(form.charCodeAt(0), LATIN)] = 1;
  }
  return starts;
}

function isStart(starts: Uint8Array, code: number): boolean {
  return starts[code < LATIN ? code : LATIN] === 1;
}

function toPlace(path: string): Place {
  return segmentsOf(path).map(spellings);
}

function holds(root: string, home: string): boolean {
  const inner = segmentsOf(home).map((segment) => segment.toLowerCase());
  return segmentsOf(root).every((segment, index) => inner[index] === segment.toLowerCase());
}

function matchPlace(place: Place, text: Text, index: number): number {
  let at = index;
  for (const segment of place) {
    const begin = skipSeparators(text, at);
    if (begin === at) return -1;
    at = spellingEnd(segment, text, begin);
    if (at === -1) return -1;
  }
  return endsSegment(text, at) ? at : -1;
}

function spellingEnd(segment: readonly string[], text: Text, begin: number): number {
  for (const spelling of segment)
    if (startsWithFolded(text, begin, spelling)) return begin + spelling.length;
  return -1;
}

function endsSegment(text: Text, index: number): boolean {
  const code = text.at(index);
  if (separatorLength(text, index) > 0) return true;
  // A dot can end a sentence; before a word it goes on with the name (`jane.backup`).
  if (code === DOT) return !has(text.at(index + 1), Bit.Word);
  return !goesOn(code) && code !== DASH && code !== UNDERSCORE;
}
