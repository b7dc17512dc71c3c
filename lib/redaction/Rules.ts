import type { PrivacyToken } from "./createRedactor.js";
import type { KnownPlaces } from "./KnownPlaces.js";
import { matchUser } from "./KnownPlaces.js";
import { matchHomeVariable } from "./matchPath.js";
import { authorization, commandRule } from "./matchSecret.js";
import { alternatives, matchData, matchPrivateKey, MAX_TEST, tokenRule } from "./matchToken.js";
import { Names } from "./Names.js";
import type { Search } from "./Search.js";
import { headOf, HEADS } from "./tables/characters.js";
import { COMMANDS } from "./tables/forms.js";
import { HOME_VARIABLES } from "./tables/places.js";
import { tokenRow, TOKENS } from "./tables/tokens.js";

/** Examines the word that begins at `index`; true if it reported a find. */
export type Rule = (search: Search, index: number) => boolean;

/** What the caller adds to the tables and removes from them. */
export interface OwnRows {
  readonly tokens: readonly PrivacyToken[];
  readonly secretNames: readonly string[];
  readonly keep: readonly string[];
}

const HEAD_LENGTH = 3;
/** The characters that can follow a beginning of fewer than three. */
const FOLLOWING = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.=+/";

/**
 * The tables, indexed for the search: the first three characters of a word select the rules to try, so that a single
 * look-up dismisses nearly every word.
 */
export class Rules {
  readonly heads = new Uint16Array(HEADS);
  readonly words: Rule[][] = [[]];
  readonly names: Names;
  readonly kept: ReadonlySet<string>;
  readonly #signs = new Map<string, Rule>();

  constructor(
    { tokens, secretNames, keep }: OwnRows,
    readonly places: KnownPlaces,
  ) {
    this.kept = new Set(keep);
    this.names = new Names(secretNames, this.kept);
    for (const row of TOKENS) this.#addToken(...row);
    for (const { name, prefix, length } of tokens)
      this.#addToken(...tokenRow([name, prefix, "base64", `${length}+`]));
    for (const [name, beginnings, pattern = ""] of COMMANDS)
      this.#add(beginnings, commandRule(name, beginnings, pattern));
    this.#add("bearer basic", authorization);
    this.#add(HOME_VARIABLES.join(" "), matchHomeVariable);
    this.#add("BEGIN PuTTY-User-Key-File-", matchPrivateKey);
    this.#add("data", matchData);
    this.#add(places.userHeads.join(" "), matchUser);
  }

  /** Applies the rule for tokens that are recognised by the sign at `index`, in their middle. */
  matchSign(search: Search, index: number): boolean {
    return this.#signs.get(search.text.charAt(index))?.(search, index) ?? false;
  }

  #addToken(name: string, beginnings: string, rest: string, length?: string): void {
    const begin = alternatives(beginnings) + rest;
    const least = Number.parseInt(length ?? "", 10);
    const pattern =
      length === undefined
        ? begin
        : length.endsWith("+")
          ? `${begin}{${least},${Math.max(least, MAX_TEST)}}`
          : `(?<![\\w./-])${begin}{${least}}(?![\\w-]|\\.\\w)`;
    const rule = tokenRule(name, pattern);
    if (/\w/.test(beginnings)) this.#add(beginnings, rule);
    else this.#signs.set(beginnings, rule);
  }

  #add(beginnings: string, rule: Rule): void {
    const heads = beginnings
      .split(" ")
      .filter((word) => word !== "")
      .flatMap((word) =>
        word.length < HEAD_LENGTH ? Array.from(FOLLOWING, (next) => word + next) : word,
      )
      .map((word) => headOf(word.charCodeAt(0), word.charCodeAt(1), word.charCodeAt(2)));
    for (const head of new Set(heads)) {
      if (this.heads[head] === 0) this.heads[head] = this.words.push([]) - 1;
      this.words[this.heads[head] ?? 0]?.push(rule);
    }
  }
}
