import type { KeyHints } from "./Search.js";
import { headOf, HEADS, isWord, oneOf, wellFormed } from "./tables/characters.js";
import {
  ALLOWED_KEYS,
  ALONE,
  NAMED_KEYS,
  NAMES,
  QUERY_KEYS,
  ROUTE_KEYS,
  Strength,
  SUFFIXES,
  WHOLE_WORDS,
} from "./tables/names.js";

/** How strongly a name says that its value is secret, and the row of the table that decided it. */
export interface Verdict {
  readonly strength: Strength;
  /** `name.password` */
  readonly rule: string;
}

/** The words of a name: `SMTP_PASS`, `authToken`, `X-API-Key`, `HTTPSecret`. */
const WORDS = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\0-\x7f]+/g;
const NO_WORD = /[^a-z\d\u0080-\uffff]/g;
const DIGITS = /^v?\d+$/;
/** Characters at the end of a name that are examined. */
export const MAX_NAME = 64;
/** Decisions that are cached. Names and keys are few; those made from data are not worth caching. */
const MAX_KNOWN = 2_000;
/** Least length at which a name is also recognised at the end of a longer word: `PGPASSWORD`. */
const DISTINCTIVE = 5;

/** Judges names by the table and the caller's own names, and caches its decisions. */
export class Names {
  readonly #rows: (readonly [name: string, strength: Strength])[];
  /** The verdict on a name; undefined if it is not a secret's. */
  readonly judge = remembered((name) => this.#decide(name));
  /** The three-letter endings that names have, and very few other words. */
  readonly #ends = new Uint8Array(HEADS);

  /** @param kept Rules that are turned off, such as `name.password`. */
  constructor(
    own: readonly string[],
    private readonly kept: ReadonlySet<string>,
  ) {
    const rows = NAMES.flatMap(([strength, names]) =>
      names.split(" ").map((name) => [name, strength] as const),
    );
    const added = own.map((name) => [letters(name), Strength.Strong] as const);
    // Longest first: `secretkey` says more than `key`.
    this.#rows = [...added, ...rows].sort(([a], [b]) => b.length - a.length);
    for (const name of [...this.#rows.map(([row]) => row), ...SUFFIXES])
      for (const before of ["__", "  "])
        this.#ends[endingOf(before + name, before.length + name.length)] = 1;
  }

  /** A cheap check before `judge`: whether a name of the table can end at `end` and begin at `start` or later. */
  mayEnd(text: string, end: number, start = 0): boolean {
    let at = end;
    while (at > end - 3 && isDigit(text.charCodeAt(at - 1))) at--;
    if (at <= start) return false;
    if (at < end && !isWord(text.charCodeAt(at - 1))) at--;
    return this.#ends[endingOf(text, at)] === 1;
  }

  #decide(name: string): Verdict | undefined {
    const words =
      name
        .slice(-MAX_NAME)
        .match(WORDS)
        ?.map((word) => word.toLowerCase()) ?? [];
    for (;;) {
      const found = this.#find(words);
      if (found !== undefined) {
        const rule = `name.${found[0]}`;
        return this.kept.has(rule) ? undefined : { strength: found[1], rule };
      }
      // When no word is left, the empty string matches neither, which ends the loop.
      const last = words.pop() ?? "";
      if (!SUFFIXES.has(last) && !DIGITS.test(last)) return undefined;
    }
  }

  /** The row whose name these words end with. */
  #find(words: readonly string[]): readonly [name: string, strength: Strength] | undefined {
    const joined = words.join("");
    const starts = new Set(
      words.map((_, index) => joined.length - words.slice(index).join("").length),
    );
    return this.#rows.find(([name, strength]) => {
      const start = joined.length - name.length;
      if (!joined.endsWith(name) || (strength === Strength.Faint && start === 0)) return false;
      if (start > 0 && (strength === Strength.Naming || ALONE.has(name))) return false;
      return starts.has(start) || (name.length >= DISTINCTIVE && !WHOLE_WORDS.has(name));
    });
  }
}

/** A name in the spelling of the table. */
function letters(name: string): string {
  return name.toLowerCase().replace(NO_WORD, "");
}

/** Caches the decision for each name. */
function remembered<T>(decide: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined || known.has(name)) return before as T;
    const decision = decide(name);
    if (known.size < MAX_KNOWN) known.set(name, decision);
    return decision;
  };
}

const isDigit = oneOf(/\d/);

function endingOf(text: string, end: number): number {
  return headOf(text.charCodeAt(end - 3), text.charCodeAt(end - 2), text.charCodeAt(end - 1));
}

/** What a key says about its value. */
export interface KeyVerdict {
  /** The key itself, without lone surrogates. */
  readonly name: string;
  /** The value passes unredacted. */
  readonly allowed: boolean;
  /** The value is replaced whatever it is. */
  readonly denied: boolean;
  /** The verdict on the key as a name; undefined if it is not a secret's. */
  readonly secret: Verdict | undefined;
  /** The value is a query string without its question mark. */
  readonly query: boolean;
  readonly hints: KeyHints | undefined;
}

/** Decides by its key what happens to a value. */
export class KeyRules {
  readonly verdict = remembered((key) => this.#decide(key));
  readonly #allowed: ReadonlySet<string>;
  readonly #denied: ReadonlySet<string>;
  readonly #names: Names | undefined;

  /** Without `names`, every key is allowed. */
  constructor(
    names: Names | undefined,
    allowKeys: readonly string[] = [],
    denyKeys: readonly string[] = [],
  ) {
    this.#names = names;
    this.#allowed = new Set([...ALLOWED_KEYS, ...allowKeys].map(spelled));
    this.#denied = new Set(denyKeys.map(spelled));
  }

  #decide(key: string): KeyVerdict {
    const whole = spelled(key);
    const denied =
      this.#denied.has(whole) || this.#denied.has(whole.slice(whole.lastIndexOf(".") + 1));
    const route = ROUTE_KEYS.has(key);
    const named = NAMED_KEYS.has(key);
    return {
      name: wellFormed(key),
      allowed: !denied && (this.#names === undefined || this.#allowed.has(whole)),
      denied,
      secret: this.#names?.judge(key),
      query: QUERY_KEYS.has(key),
      hints: route || named ? { route, named } : undefined,
    };
  }
}

function spelled(key: string): string {
  return key.toLowerCase().replace(/[-_]/g, "");
}
