import { matchAssignment, matchFlag } from "./matchSecret.js";
import { matchNamedHome, matchPath } from "./matchPath.js";
import { matchEmail, matchFragment, matchQuery, matchUrl, urlScheme } from "./matchUrl.js";
import { ASCII, Code, codeAt, headOf, Kind, KINDS } from "./tables/characters.js";
import { labelOf } from "./tables/rules.js";
import type { Rules } from "./Rules.js";

/** What is known of the key a text belongs to. */
export interface KeyHints {
  /** Absolute-looking values are routes or methods here, not paths. */
  readonly route: boolean;
  /** The value is a name that this package or its host chose: it is not searched for the user's name. */
  readonly named: boolean;
}

/** Something that must not be sent: from where to where, the rule that found it, and what stands in its place. */
export interface Find {
  readonly start: number;
  readonly end: number;
  readonly rule: string;
  readonly label: string;
}

/** One search of one reading of a text: it goes once from left to right, and asks the rules at words and signs. */
export class Search {
  readonly finds: Find[] = [];
  /** Nothing before this index is looked at again: the end of what was found last. */
  last = 0;
  /** The end of the value without quotes that was found last. */
  openEnd = 0;
  /** The end of the URL that was entered last. */
  urlEnd = 0;
  /** There is no parameter in a fragment before this index. */
  fragmentEnd = 0;
  /** Whether there is something that may stand for another character. */
  isEncoded = false;

  constructor(
    readonly text: string,
    readonly rules: Rules,
    readonly hints: KeyHints | undefined,
  ) {}

  /** Reports a find; false when its rule was taken out, or nothing of it is left. */
  found(rule: string, start: number, end: number, label = labelOf(rule)): boolean {
    const from = Math.max(start, this.last);
    if (end <= from || this.rules.kept.has(rule)) return false;
    this.finds.push({ start: from, end, rule, label });
    this.last = end;
    return true;
  }

  /** Reports a value without quotes. What begins in it may end behind it (`token=Bearer …`), so it is searched itself. */
  foundOpen(rule: string, start: number, end: number): boolean {
    if (!this.found(rule, start, end)) return false;
    this.last = start;
    this.openEnd = end;
    return true;
  }

  /** Finds everything, or as much as `most`. */
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
          // The rest of the word. Letters of other alphabets go with what is before them: such text has no blanks, and a token may follow.
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
