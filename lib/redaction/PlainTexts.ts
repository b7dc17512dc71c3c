/** Slots; as many texts are remembered at most. */
const SLOTS = 256;
/** Texts shorter than this are searched faster than found; longer ones seldom come twice. */
const SHORTEST = 8;
const LONGEST = 128;
/** One in so many is remembered: where every text is new, remembering would cost more than searching. */
const EVERY = 32;

/**
 * Some of the texts in which nothing was found, because span names, methods and addresses come again and again.
 * One comparison for each look-up; a new text takes the place of an old one.
 */
export class PlainTexts {
  readonly #slots = new Array<string>(SLOTS).fill("");
  #skipped = 0;

  has(text: string): boolean {
    const { length } = text;
    return length >= SHORTEST && length <= LONGEST && this.#slots[slotOf(text)] === text;
  }

  add(text: string): void {
    const { length } = text;
    if (length < SHORTEST || length > LONGEST || ++this.#skipped < EVERY) return;
    this.#skipped = 0;
    // A copy: a part of a long text would keep the whole of it in memory.
    this.#slots[slotOf(text)] = ` ${text}`.slice(1);
  }
}

function slotOf(text: string): number {
  const { length } = text;
  const sum =
    length * 31 +
    text.charCodeAt(length - 1) * 7 +
    text.charCodeAt(length >> 1) * 3 +
    text.charCodeAt(length - 2);
  return sum & (SLOTS - 1);
}
