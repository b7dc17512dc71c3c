import { codeAt } from "./characters.js";
import type { Heads } from "./Heads.js";
import type { KnownPlaces } from "./KnownPlaces.js";
import { matchAssignment } from "./matchAssignment.js";
import { matchEmail } from "./matchEmail.js";
import { matchPath } from "./matchPath.js";
import { matchAzure } from "./matchSecret.js";
import { isUrl, matchFragment, matchQuery, matchUrl } from "./matchUrl.js";
import { nextCandidate } from "./nextCandidate.js";
import { PlainTexts } from "./PlainTexts.js";
import type { KeyHints } from "./Scan.js";
import { Scan } from "./Scan.js";
import { encodedLength, separatorLength } from "./separators.js";

/** How far beyond the cut a match may reach that begins before it; longer ones are cut open-ended. */
const MARGIN = 2_048;
/** What is found most often in one text; one with more is a listing or was made to cost, and ends there. */
const MAX_FINDS = 512;
const CUT = "<cut>";

/**
 * Goes once through a text and replaces what the rules find. Written by hand: patterns with quantifiers, even
 * bounded ones, try again from every position, and cost more than linear time on hostile input.
 */
export class Scanner {
  readonly #heads: Heads;
  readonly #maxLength: number;
  readonly #plain = new PlainTexts();
  readonly #scan: Scan;

  constructor(heads: Heads, places: KnownPlaces, maxLength: number) {
    this.#heads = heads;
    this.#maxLength = maxLength;
    this.#scan = new Scan(places);
  }

  /** The text without what must not leave, cut at the length; the same string when there is nothing to do. */
  redact(text: string, hints: KeyHints | undefined): string {
    if (this.#plain.has(text)) return text;
    const { length } = text;
    const isLong = length > this.#maxLength;
    const to = isLong ? Math.min(length, this.#maxLength + MARGIN) : length;
    const { table } = this.#heads;
    const { homeStarts } = this.#scan.places;
    const first = nextCandidate(text, 0, to, table, homeStarts);
    if (first === -1 && !isLong) {
      this.#plain.add(text);
      return text;
    }

    const scan = this.#scan;
    scan.begin(text, to, hints);
    let out = "";
    let finds = 0;
    for (let index = first; index !== -1; ) {
      if (!this.#match(scan, index)) {
        index = nextCandidate(text, index + 1, to, table, homeStarts);
        continue;
      }
      if (isLong && scan.start >= this.#maxLength) break;
      out += text.slice(scan.last, scan.start) + scan.label;
      scan.last = scan.end;
      if (++finds === MAX_FINDS) {
        scan.forget();
        return out + CUT;
      }
      index = nextCandidate(text, scan.end, to, table, homeStarts);
    }
    const { last } = scan;
    // The scan is kept for the next text, and must not keep this one.
    scan.forget();
    if (isLong) return out + text.slice(last, cutAt(text, Math.max(last, this.#maxLength))) + CUT;
    if (out !== "") return out + text.slice(last);
    if (hints === undefined) this.#plain.add(text);
    return text;
  }

  #match(scan: Scan, index: number): boolean {
    const { text } = scan;
    const code = codeAt(text, index);
    switch (code) {
      case 47: // slash
      case 92: // backslash
        return isUrl(scan, index) ? matchUrl(scan, index) : matchPath(scan, index);
      case 58: // colon
      case 61: // equals
        return matchAssignment(scan, index);
      case 64: // at
        return matchEmail(scan, index, 1);
      case 63: // question mark
        return matchQuery(scan, index);
      case 35: // hash
        return matchFragment(scan, index);
      case 37: // percent
        return this.#encoded(scan, index);
      case 126: // tilde
        return matchAzure(scan, index);
      default:
        return this.#word(scan, index);
    }
  }

  #encoded(scan: Scan, index: number): boolean {
    const at = encodedLength(scan.text, index, isAtByte);
    if (at > 0) return matchEmail(scan, index, at);
    // A name in another alphabet begins with a percent sign when it is encoded.
    if (separatorLength(scan.text, index) === 0) return this.#word(scan, index);
    return isUrl(scan, index) ? matchUrl(scan, index) : matchPath(scan, index);
  }

  #word(scan: Scan, index: number): boolean {
    return this.#heads.match(scan, index);
  }
}

/** The cut, moved so that it does not part a surrogate pair. */
function cutAt(text: string, index: number): number {
  const code = codeAt(text, index - 1);
  return code >= 0xd800 && code <= 0xdbff ? index - 1 : index;
}

function isAtByte(high: number, low: number): boolean {
  return high === 52 && low === 48;
}
