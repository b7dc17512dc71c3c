import type { Heads } from "./Heads.js";
import type { KnownPlaces } from "./KnownPlaces.js";
import type { KeyHints } from "./Scan.js";
import { Scan } from "./Scan.js";
import { Text } from "./Text.js";
import { nextCandidate, resumeAt } from "./candidates.js";
import { Code } from "./characters.js";
import { decodePercent, signCode, signLength } from "./encodings.js";
import { matchAssignment } from "./matchAssignment.js";
import { matchPath, matchNamedHome } from "./matchPath.js";
import { matchEmail } from "./matchPerson.js";
import { matchAzure } from "./matchToken.js";
import { urlStart, matchUrl, matchQuery, matchFragment } from "./matchUrl.js";

/** How far beyond the cut a match may reach that begins before it; longer ones are cut open-ended. */
const MARGIN = 2_048;
/** What is found most often in one text; one with more is a listing or was made to cost, and ends there. */
const MAX_FINDS = 512;
/**
 * How many places of a text are looked at, and how many more: one for so many of its characters. Dense JSON has one for
 * six characters; 8 kB with more were made to cost, and end where these are used up.
 */
const LOOKS = 512;
const CHARACTERS_A_LOOK = 8;
const CUT = "<cut>";
/** How often a text is decoded to look what it stands for. */
const MAX_TIMES = 4;

/**
 * Goes once through a text and replaces what the rules find. Written by hand: patterns with quantifiers, even
 * bounded ones, try again from every position, and cost more than linear time on hostile input.
 */
export class Scanner {
  readonly #heads: Heads;
  readonly #places: KnownPlaces;
  readonly #maxLength: number;
  /** Whether the text that was redacted last has encoded characters. */
  #isEncoded = false;

  constructor(heads: Heads, places: KnownPlaces, maxLength: number) {
    this.#heads = heads;
    this.#places = places;
    this.#maxLength = maxLength;
  }

  /** The text without what must not leave, cut at the length; the same string when there is nothing to do. */
  redact(source: string, hints: KeyHints | undefined): string {
    let redacted = this.#redact(source, hints);
    // What the rules do not know when it is encoded, they find in what it stands for, which is then sent in its place.
    for (let times = 0, plain = redacted; times < MAX_TIMES && this.#isEncoded; times++) {
      const decoded = decodePercent(Text.of(plain));
      if (decoded === plain) break;
      plain = this.#redact(decoded, hints);
      if (plain !== decoded) redacted = plain;
    }
    return redacted;
  }

  #redact(source: string, hints: KeyHints | undefined): string {
    this.#isEncoded = false;
    const isLong = source.length > this.#maxLength;
    const to = isLong ? Math.min(source.length, this.#maxLength + MARGIN) : source.length;
    const text = Text.of(source);
    const { table } = this.#heads;
    const { homeStarts } = this.#places;
    let index = nextCandidate(text, 0, to, table, homeStarts);
    if (index === -1 && !isLong) return source;
    const scan = new Scan(text, to, hints, this.#places);
    let out = "";
    let finds = 0;
    let looks = LOOKS + to / CHARACTERS_A_LOOK;
    while (index !== -1) {
      if (--looks < 0)
        return out + source.slice(scan.last, lastBlank(text, index, scan.last)) + CUT;
      let from = index + 1;
      if (this.#match(scan, index)) {
        if (isLong && scan.start >= this.#maxLength) break;
        // Not added where it is empty: most often the whole text is one find, or all that follows a beginning.
        if (scan.start > scan.last) out += source.slice(scan.last, scan.start);
        out += scan.label;
        from = scan.last = scan.end;
        if (++finds === MAX_FINDS) return out + CUT;
        if (from >= to) break;
      }
      index = nextCandidate(text, resumeAt(text, from, to, table), to, table, homeStarts);
    }
    if (isLong)
      return out + source.slice(scan.last, cutAt(text, Math.max(scan.last, this.#maxLength))) + CUT;
    if (finds > 0) return scan.last < source.length ? out + source.slice(scan.last) : out;
    return source;
  }

  /** Asks the rules for the sign or word at `index`; a sign can be encoded, and then has several characters. */
  #match(scan: Scan, index: number): boolean {
    const { text } = scan;
    const length = signLength(text, index);
    if (length > 1) this.#isEncoded = true;
    switch (signCode(text, index, length)) {
      case Code.Slash:
      case Code.Backslash: {
        const scheme = urlStart(scan, index);
        return scheme === -1 ? matchPath(scan, index) : matchUrl(scan, scheme, index);
      }
      case Code.Colon:
      case Code.Equals:
        return matchAssignment(scan, index, length);
      case Code.At:
        return matchEmail(scan, index, length);
      case Code.Question:
        return matchQuery(scan, index, length);
      case Code.Hash:
        return matchFragment(scan, index, length);
      case Code.Tilde:
        return matchAzure(scan, index, length) || (length === 1 && matchNamedHome(scan, index));
      default:
        // A name in another alphabet begins with a percent sign when it is encoded.
        return this.#heads.match(scan, index);
    }
  }
}

/** Where the word begins that `index` is in: what would have been found there can begin before it. */
function lastBlank(text: Text, index: number, floor: number): number {
  let at = index;
  while (at > floor && !isBlank(text.at(at - 1))) at--;
  return at;
}

function isBlank(code: number): boolean {
  return code <= Code.Space;
}

/** The cut, moved so that it does not part a surrogate pair. */
function cutAt(text: Text, index: number): number {
  const code = text.at(index - 1);
  return code >= 0xd800 && code <= 0xdbff ? index - 1 : index;
}
