import type { Reading } from "./readings.js";
import { decode } from "./readings.js";
import type { Rules } from "./Rules.js";
import type { Find, KeyHints } from "./Search.js";
import { Search } from "./Search.js";

/** How far beyond the cut a find may reach that begins before it; longer ones are cut open-ended. */
const MARGIN = 2_048;
/** A text with one find for so few of its most characters (512 of 8,192) is a listing or was made to cost, and ends there. */
const CHARACTERS_A_FIND = 16;
/** How often a text may have been encoded: `%252F` twice. */
const MAX_LEVELS = 4;
const CUT = "<cut>";
const NONE: readonly Find[] = [];

/** Finds in one text what must not be sent, and takes it out. */
export class TextRedactor {
  readonly #maxFinds: number;

  constructor(
    readonly rules: Rules,
    readonly maxLength: number,
  ) {
    this.#maxFinds = Math.ceil(maxLength / CHARACTERS_A_FIND);
  }

  /** What is found in a text and in what it stands for, in the places where it stands in the text; of overlapping finds the outer. */
  search(source: string, hints: KeyHints | undefined): readonly Find[] {
    const text = source.length > this.maxLength ? source.slice(0, this.maxLength + MARGIN) : source;
    let reading: Reading | undefined = { text, placeOf: undefined };
    let all = NONE;
    for (let level = 0; level <= MAX_LEVELS && reading !== undefined; level++) {
      const { placeOf }: Reading = reading;
      const search: Search = new Search(reading.text, this.rules, hints);
      search.run(this.#maxFinds);
      if (search.finds.length > 0) {
        const placed =
          placeOf === undefined
            ? search.finds
            : search.finds.map(({ start, end, rule, label }) => ({
                start: placeOf(start),
                end: placeOf(end),
                rule,
                label,
              }));
        all = united(all.concat(placed));
      }
      reading = search.isEncoded && level < MAX_LEVELS ? decode(reading) : undefined;
    }
    return all;
  }

  /** The text without these finds, cut at the length; the same string when there is nothing to do. */
  replace(source: string, finds: readonly Find[]): string {
    const { maxLength } = this;
    const isLong = source.length > maxLength;
    if (finds.length === 0 && !isLong) return source;
    let out = "";
    let last = 0;
    let count = 0;
    for (const { start, end, label } of finds) {
      if (isLong && start >= maxLength) break;
      out += source.slice(last, start) + label;
      last = end;
      if (++count === this.#maxFinds && last < source.length) return out + CUT;
    }
    if (!isLong) return out + source.slice(last);
    return out + source.slice(last, Math.max(last, cutAt(source, maxLength))) + CUT;
  }
}

/** One find for all that overlap, which is named by the one that begins first. */
function united(finds: readonly Find[]): readonly Find[] {
  if (finds.length < 2) return finds;
  const sorted = finds.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const result: Find[] = [];
  for (const find of sorted) {
    const before = result.at(-1);
    if (before === undefined || find.start >= before.end) result.push(find);
    else if (find.end > before.end) result[result.length - 1] = { ...before, end: find.end };
  }
  return result;
}

/** The cut, moved so that it does not part a surrogate pair. */
function cutAt(text: string, index: number): number {
  const code = text.charCodeAt(index - 1);
  return code >= 0xd800 && code <= 0xdbff ? index - 1 : index;
}
