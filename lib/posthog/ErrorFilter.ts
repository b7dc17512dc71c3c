import { types } from "node:util";
import type { ErrorOrigin, IgnoreErrorRule } from "../config/TelemetryOptions.js";
import { describeFailure } from "../failures/describeFailure.js";
import { readMember } from "../shared/readMember.js";

/** What of a message a pattern is tried on, so that one of megabytes does not stop the process. */
const MAX_SEARCHED = 10_000;

/** What the option `ignoreErrors` makes of an error. A rule that throws has said nothing. */
export class ErrorFilter {
  readonly #rules: readonly IgnoreErrorRule[];
  /** A function of the host's may capture errors itself. */
  #isAsking = false;

  constructor(rules: readonly IgnoreErrorRule[]) {
    this.#rules = rules;
  }

  /** The tag to report an error under; undefined for one that is ignored. The first rule that says something decides. */
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
    // Searched from the start whatever its flags are, unlike `test`.
    const isIn = (text: string): boolean => text.slice(0, MAX_SEARCHED).search(rule) >= 0;
    return types.isRegExp(rule) && (isIn(tag) || isIn(`${String(name)}: ${message}`));
  } catch {
    return undefined;
  }
}
