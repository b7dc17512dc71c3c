/** A string as it is, or with levels of encoding removed. */
export interface Reading {
  readonly text: string;
  /** Maps the index of a character to where it begins in the source; undefined for the source itself. */
  readonly placeOf: ((index: number) => number) | undefined;
}

const HEX = "[\\da-fA-F]";
/** A UTF-8 byte after the first one of a character. */
const NEXT = `%[89abAB]${HEX}`;
/** The encodings of one character: its bytes after percent signs, a backslash escape, an HTML entity. */
const ENCODED = [
  `%[cdCD]${HEX}${NEXT}|%[eE]${HEX}(?:${NEXT}){2}|%[fF][0-4](?:${NEXT}){3}|%${HEX}{2}`,
  `\\\\(?:u${HEX}{4}|x${HEX}{2}|033|[nrtbfve"'\`/\\\\])`,
  "&(?:quot|apos|lt|gt|amp|#34|#39|#x27);",
].join("|");
const PIECE = new RegExp(ENCODED, "g");
/** Form encoding writes spaces as `+`. */
const PIECE_OF_FORM = new RegExp(`${ENCODED}|\\+`, "g");
/** Terminal escape sequences, such as colours. They decode to nothing and are a level of their own. */
const SEQUENCE = /\x1b\[[\d;:?]{0,30}[A-Za-z]/g;

const MEANINGS: Readonly<Record<string, string>> = {
  "+": " ",
  "\\n": "\n",
  "\\r": "\r",
  "\\t": "\t",
  "\\b": "\b",
  "\\f": "\f",
  "\\v": "\v",
  "\\e": "\x1b",
  "\\033": "\x1b",
  "&quot;": '"',
  "&#34;": '"',
  "&apos;": "'",
  "&#39;": "'",
  "&#x27;": "'",
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
};

/** The same text with one level of encoding removed; undefined if there is none. */
export function decode({ text, placeOf }: Reading): Reading | undefined {
  // Where each encoded character ends: in the decoded text, and in this one.
  const ends = [0];
  const places = [0];
  let shorter = 0;
  const isForm = text.includes("=") && !text.includes(" ");
  const isTerminal = text.search(SEQUENCE) !== -1;
  const pattern = isTerminal ? SEQUENCE : isForm ? PIECE_OF_FORM : PIECE;
  const decoded = text.replace(pattern, (piece, start: number) => {
    const meaning = meaningOf(piece);
    // The second half of a surrogate pair begins where the first does.
    for (let half = 1; half < meaning.length; half++) {
      ends.push(start - shorter + half);
      places.push(start);
    }
    ends.push(start - shorter + meaning.length);
    places.push(start + piece.length);
    shorter += piece.length - meaning.length;
    return meaning;
  });
  if (ends.length === 1) return undefined;
  return {
    text: decoded,
    placeOf: (index) => {
      const which = lastAtMost(ends, index);
      const place = (places[which] ?? 0) + index - (ends[which] ?? 0);
      return placeOf === undefined ? place : placeOf(place);
    },
  };
}

function meaningOf(piece: string): string {
  if (piece.startsWith("\x1b")) return "";
  const known = MEANINGS[piece];
  if (known !== undefined) return known;
  if (piece.startsWith("%") && piece.length > 3)
    return Buffer.from(piece.replaceAll("%", ""), "hex").toString();
  if (piece.length === 2) return piece.charAt(1);
  return String.fromCharCode(Number.parseInt(piece.replace(/^(?:%|\\[ux])/, ""), 16));
}

/** The index of the last of these ascending numbers that is at most `most`. */
function lastAtMost(numbers: readonly number[], most: number): number {
  let low = 0;
  let high = numbers.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) <= most) low = middle;
    else high = middle;
  }
  return low;
}
