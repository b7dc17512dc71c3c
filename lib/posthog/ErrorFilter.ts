import { types } from "node:util";
import type { ErrorOrigin, IgnoreErrorRule } from "../config/TelemetryOptions.js";
import { describeFailure } from "../failures/describeFailure.js";
import { readMember } from "../shared/readMember.js";

/** Characters that a pattern is tried on, so that a message of several megabytes does not block the process. */
const MAX_SEARCHED = 10_000;

/** Applies the option `ignoreErrors` to an error. A rule that throws is skipped. */
export class ErrorFilter {
  readonly #rules: readonly IgnoreErrorRule[];
  /** Prevents recursion: one of the host's functions may itself capture an error. */
  #isAsking = false;

  constructor(rules: readonly IgnoreErrorRule[]) {
    this.#rules = rules;
  }

  /** The tag to report an error under; undefined if it is ignored. The first rule that applies decides. */
  tagOf(error: unknown, tag: string, origin: ErrorOrigin): string | undefined {
    if (this.#isAsking) return tag;
    this.#isAsking = true;
    try {
      for (const rule of this.#rules) {
        const said = ask(rule, error, tag, origin);
        if (said === true) return undefined;
        if (typeof said === "string" && said !== "") return said;
      }
    } finally {
      this.#isAsking = false;
    }
    return tag;
  }
}

function ask(rule: IgnoreErrorRule, error: unknown, tag: string, origin: ErrorOrigin): unknown {
  try {
    if (typeof rule === "function") return rule(error, { tag, origin });
    const { type, message } = describeFailure(error);
    const name = readMember(error, "name");
    if (typeof rule === "string") return [tag, type, name].includes(rule);
    // Unlike `test`, this searches from the start whatever the flags are.
    const isIn = (text: string): boolean => text.slice(0, MAX_SEARCHED).search(rule) >= 0;
    return types.isRegExp(rule) && (isIn(tag) || isIn(`${String(name)}: ${message}`));
  } catch {
    return undefined;
  }
}
