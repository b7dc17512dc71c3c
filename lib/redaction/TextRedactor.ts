import type { Reading } from "./readings.js";
import { decode } from "./readings.js";
import type { Rules } from "./Rules.js";
import type { Find, KeyHints } from "./Search.js";
import { Search } from "./Search.js";

/** How far past the cut a string is searched, for a find that begins before the cut; a longer one ends here. */
const MARGIN = 2_048;
/** A string is cut after one find per this many characters of the limit (512 for 8,192): it is a listing or hostile. */
const CHARACTERS_A_FIND = 16;
/** Levels of encoding that are decoded; `%252F` has two. */
const MAX_LEVELS = 4;
const CUT = "<cut>";
const NONE: readonly Find[] = [];

/** Finds what must not be sent in a string, and removes it. */
export class TextRedactor {
  readonly #maxFinds: number;

  constructor(
    readonly rules: Rules,
    readonly maxLength: number,
  ) {
    this.#maxFinds = Math.ceil(maxLength / CHARACTERS_A_FIND);
  }

  /** The finds in a string and in its decoded readings, by their places in the string. Overlapping finds are merged. */
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

  /** The string with these finds replaced, cut at the maximum length; the same string if there is nothing to do. */
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

/** Merges overlapping finds into one, with the rule and label of the one that begins first. */
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

/** The index of the cut, moved if it would split a surrogate pair. */
function cutAt(text: string, index: number): number {
  const code = text.charCodeAt(index - 1);
  return code >= 0xd800 && code <= 0xdbff ? index - 1 : index;
}
