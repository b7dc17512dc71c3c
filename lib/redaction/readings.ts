/** A text as it stands, or with levels of encoding taken off. */
export interface Reading {
  readonly text: string;
  /** Where in the source the character at this index begins; undefined for the source itself. */
  readonly placeOf: ((index: number) => number) | undefined;
}

const HEX = "[\\da-fA-F]";
/** The bytes of UTF-8 behind the first of a character. */
const NEXT = `%[89abAB]${HEX}`;
/** What stands for one character: a percent sign with its bytes, what follows a backslash, an entity of HTML. */
const ENCODED = [
  `%[cdCD]${HEX}${NEXT}|%[eE]${HEX}(?:${NEXT}){2}|%[fF][0-4](?:${NEXT}){3}|%${HEX}{2}`,
  `\\\\(?:u${HEX}{4}|x${HEX}{2}|033|[nrtbfve"'\`/\\\\])`,
  "&(?:quot|apos|lt|gt|amp|#34|#39|#x27);",
].join("|");
const PIECE = new RegExp(ENCODED, "g");
/** A form writes blanks as `+`. */
const PIECE_OF_FORM = new RegExp(`${ENCODED}|\\+`, "g");
/** What tells a terminal its colours, which stands for nothing and is a level of its own. */
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

/** The same text with one level of encoding taken off; undefined when there is none. */
export function decode({ text, placeOf }: Reading): Reading | undefined {
  // Where each character that was encoded ends, in the new text and in this one.
  const ends = [0];
  const places = [0];
  let shorter = 0;
  const isForm = text.includes("=") && !text.includes(" ");
  const isTerminal = text.search(SEQUENCE) !== -1;
  const pattern = isTerminal ? SEQUENCE : isForm ? PIECE_OF_FORM : PIECE;
  const decoded = text.replace(pattern, (piece, start: number) => {
    const meaning = meaningOf(piece);
    // Of a surrogate pair the second half begins where the first does.
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

/** The place of the last of these ascending numbers that is not above `most`. */
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
