import { matchAssignment, matchFlag } from "./matchSecret.js";
import { matchNamedHome, matchPath } from "./matchPath.js";
import { matchEmail, matchFragment, matchQuery, matchUrl, urlScheme } from "./matchUrl.js";
import { ASCII, Code, codeAt, headOf, Kind, KINDS } from "./tables/characters.js";
import { labelOf } from "./tables/rules.js";
import type { Rules } from "./Rules.js";

/** What is known about the key of a string. */
export interface KeyHints {
  /** Values that look like absolute paths are routes or methods here. */
  readonly route: boolean;
  /** The value is a name that this package or its host chose; it is not searched for the user's name. */
  readonly named: boolean;
}

/** Something that must not be sent: its range, the rule that found it, and the label that replaces it. */
export interface Find {
  readonly start: number;
  readonly end: number;
  readonly rule: string;
  readonly label: string;
}

/** One search of one reading of a string: a single pass from left to right that tries the rules at words and signs. */
export class Search {
  readonly finds: Find[] = [];
  /** Nothing before this index is examined again: the end of the last find, or its start if it was unquoted. */
  last = 0;
  /** The end of the last unquoted value that was found. */
  openEnd = 0;
  /** The end of the URL that was entered last. */
  urlEnd = 0;
  /** Fragments before this index have been examined already. */
  fragmentEnd = 0;
  /** Whether the text contains anything that may stand for another character. */
  isEncoded = false;

  constructor(
    readonly text: string,
    readonly rules: Rules,
    readonly hints: KeyHints | undefined,
  ) {}

  /** Reports a find; false if its rule is turned off, or an earlier find covers all of it. */
  found(rule: string, start: number, end: number, label = labelOf(rule)): boolean {
    const from = Math.max(start, this.last);
    if (end <= from || this.rules.kept.has(rule)) return false;
    this.finds.push({ start: from, end, rule, label });
    this.last = end;
    return true;
  }

  /** Reports an unquoted value. A find inside it may end after it (`token=Bearer …`), so it is searched as well. */
  foundOpen(rule: string, start: number, end: number): boolean {
    if (!this.found(rule, start, end)) return false;
    this.last = start;
    this.openEnd = end;
    return true;
  }

  /** Finds everything, up to `most` finds. */
  run(most: number): void {
    const { text, rules } = this;
    const { heads } = rules;
    const { length } = text;
    const kinds = KINDS;
    let index = 0;
    while (index < length) {
      const code = text.charCodeAt(index);
      const kind = code < ASCII ? kinds[code] : Kind.Word;
      if (kind === Kind.None) {
        index++;
        continue;
      }
      if (kind === Kind.Word) {
        const head = headOf(code, codeAt(text, index + 1), codeAt(text, index + 2));
        if (!this.#word(index, heads[head] ?? 0)) {
          index++;
          // Skips the rest of the word, then letters outside ASCII: a token may follow those without a blank.
          if (code < ASCII)
            while (index < length && kinds[text.charCodeAt(index)] === Kind.Word) index++;
          while (index < length && text.charCodeAt(index) >= ASCII) index++;
          continue;
        }
      } else if (kind === Kind.Sign) this.#sign(index, code);
      else this.isEncoded = true;
      if (this.finds.length >= most) return;
      index = Math.max(index + 1, this.last);
    }
  }

  #word(index: number, head: number): boolean {
    const { text, rules } = this;
    if (head !== 0) for (const rule of rules.words[head] ?? []) if (rule(this, index)) return true;
    return codeAt(text, index - 1) === Code.Dash && matchFlag(this, index);
  }

  #sign(index: number, code: number): void {
    switch (code) {
      case Code.Slash:
      case Code.Backslash: {
        if (code === Code.Backslash) this.isEncoded = true;
        const scheme = urlScheme(this, index);
        if (scheme === -1) matchPath(this, index);
        else matchUrl(this, scheme, index);
        break;
      }
      case Code.Question:
        matchQuery(this, index);
        break;
      case Code.Hash:
        matchFragment(this, index);
        break;
      case Code.At:
        matchEmail(this, index);
        break;
      case Code.Tilde:
      case Code.Bar:
        if (!this.rules.matchSign(this, index)) matchNamedHome(this, index);
        break;
      default:
        matchAssignment(this, index, code);
    }
  }
}
