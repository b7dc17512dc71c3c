/** How a member of one key begins, with a text and with anything else. */
export interface MemberStart {
  readonly text: Uint8Array;
  readonly other: Uint8Array;
}

/** After so many new values of an attribute in a row, its values are no longer compared: where all are new, it costs as much as a scan. */
const MAX_NEWS = 8;

/**
 * The attributes that the spans of one name wrote last, each with its value and its place in the request: most spans of
 * a name have those of the one before, or all but one or two.
 */
export class KnownMembers {
  readonly #keys: string[] = [];
  readonly #starts: MemberStart[] = [];
  readonly #values: unknown[] = [];
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  /** How many values have followed each other that were not the one before. */
  readonly #news: number[] = [];

  /** Whether the attribute at a place in their order has the key and the value of the one before. */
  has(index: number, key: string, value: unknown): boolean {
    if (
      this.#keys[index] !== key ||
      (this.#news[index] as number) >= MAX_NEWS ||
      this.#values[index] !== value
    )
      return false;
    this.#news[index] = 0;
    return true;
  }

  /** How the attribute at a place in their order begins, if it has this key. */
  startOf(index: number, key: string): MemberStart | undefined {
    return this.#keys[index] === key ? this.#starts[index] : undefined;
  }

  /** From where to where the attribute at a place in their order was written. */
  from(index: number): number {
    return this.#from[index] as number;
  }

  to(index: number): number {
    return this.#to[index] as number;
  }

  /** Keeps an attribute, and where it was written; NaN for a value that is not worth it, since it is like no other. */
  keep(
    index: number,
    key: string,
    start: MemberStart,
    value: unknown,
    from: number,
    to: number,
  ): void {
    const news = this.#keys[index] === key ? (this.#news[index] as number) + 1 : 1;
    if (news > MAX_NEWS) return;
    this.#keys[index] = key;
    this.#starts[index] = start;
    this.#values[index] = value;
    this.#from[index] = from;
    this.#to[index] = to;
    this.#news[index] = news;
  }
}
