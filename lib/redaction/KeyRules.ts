import type { Names, Verdict } from "./Names.js";
import type { KeyHints } from "./Search.js";
import { wellFormed } from "./tables/characters.js";
import { ALLOWED_KEYS, NAMED_KEYS, QUERY_KEYS, ROUTE_KEYS } from "./tables/names.js";

/** What a key says about its value. */
export interface KeyVerdict {
  /** The key itself, without halves of surrogate pairs. */
  readonly name: string;
  /** The value passes as it is. */
  readonly allowed: boolean;
  /** The value is replaced whatever it is. */
  readonly denied: boolean;
  /** What the key's name says, when it is that of a secret. */
  readonly secret: Verdict | undefined;
  /** The value is a query string without its question mark. */
  readonly query: boolean;
  readonly hints: KeyHints | undefined;
}

/** Keys are few; what is made up of data is not worth keeping. */
const MAX_KEYS = 2_000;

/** Decides by key, and remembers what it decided. */
export class KeyRules {
  readonly #verdicts = new Map<string, KeyVerdict>();
  readonly #allowed: ReadonlySet<string>;
  readonly #denied: ReadonlySet<string>;
  readonly #names: Names | undefined;

  /** Without names every key is allowed. */
  constructor(
    names: Names | undefined,
    allowKeys: readonly string[] = [],
    denyKeys: readonly string[] = [],
  ) {
    this.#names = names;
    this.#allowed = new Set([...ALLOWED_KEYS, ...allowKeys].map(plain));
    this.#denied = new Set(denyKeys.map(plain));
  }

  verdict(key: string): KeyVerdict {
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known;
    const verdict = this.#decide(key);
    if (this.#verdicts.size < MAX_KEYS) this.#verdicts.set(key, verdict);
    return verdict;
  }

  #decide(key: string): KeyVerdict {
    const whole = plain(key);
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

function plain(key: string): string {
  return key.toLowerCase().replace(/[-_]/g, "");
}
