import type { Table } from "./characters.js";
import type { Text } from "./Text.js";
import { Code, Bit, has, goesOn, isIn, tableOfStarts } from "./characters.js";
import { separatorLength, skipSeparators } from "./encodings.js";

/** A directory as the spellings of each of its segments, without the drive. */
type Place = readonly (readonly string[])[];

const DRIVE = /^([A-Za-z]):/;

/** The directories that have a name of their own in what is sent: the home directories and the application. */
export class KnownPlaces {
  readonly #homes: readonly Place[];
  readonly #application: Place | undefined;
  /** The characters that a home directory's first segment begins with, in both cases; the last stands for all outside ASCII. */
  readonly homeStarts: Table;
  /** The same of the application's directory. */
  readonly #applicationStarts: Table;

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
    return isIn(this.homeStarts, code);
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
      !isIn(this.#applicationStarts, text.at(skipSeparators(text, index)))
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

function startsOf(places: readonly Place[]): Table {
  return tableOfStarts(places.flatMap(([first = []]) => first));
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
    if (text.hasFolded(begin, spelling)) return begin + spelling.length;
  return -1;
}

function endsSegment(text: Text, index: number): boolean {
  const code = text.at(index);
  if (separatorLength(text, index) > 0) return true;
  // A dot can end a sentence; before a word it goes on with the name (`jane.backup`).
  if (code === Code.Dot) return !has(text.at(index + 1), Bit.Word);
  return !goesOn(code) && code !== Code.Dash && code !== Code.Underscore;
}

/** Names this short have no short Windows spelling of their own. */
const DOS_LENGTH = 8;
const DOS_STEM = 6;

/**
 * The spellings of one name, in lower case: as it is, percent-encoded once and twice, in both Unicode normal
 * forms, with `+` for blanks, with `\u` escapes, and the short name that Windows gives it (`JANEDO~1`).
 */
export function spellings(name: string): readonly string[] {
  const found = new Set<string>();
  for (const form of [name, name.normalize("NFC"), name.normalize("NFD")]) {
    found.add(form.toLowerCase());
    found.add(encode(form).toLowerCase());
    found.add(encode(encode(form)).toLowerCase());
    found.add(encode(form).replaceAll("%20", "+").toLowerCase());
    // JSON as many languages write it, in ASCII alone.
    found.add(form.replaceAll(/[^\0-\x7f]/g, escaped).toLowerCase());
    found.add(form.toLowerCase().replaceAll(/[^\0-\x7f]/g, escaped));
    found.add(
      form
        .toUpperCase()
        .replaceAll(/[^\0-\x7f]/g, escaped)
        .toLowerCase(),
    );
  }
  const short = name.replace(/[\s."/\\[\]:;=,+]/g, "");
  if (name.length > DOS_LENGTH || short !== name) {
    for (const number of "1234")
      for (const tilde of ["~", "%7e"])
        found.add(`${short.slice(0, DOS_STEM)}${tilde}${number}`.toLowerCase());
  }
  return [...found];
}

function escaped(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(UNICODE_DIGITS, "0")}`;
}

const UNICODE_DIGITS = 4;

function encode(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    // A lone surrogate cannot be encoded, nor then occur encoded.
    return text;
  }
}
