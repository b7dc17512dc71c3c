import type { TraceState } from "@opentelemetry/api";
import { isTraceStateMember, MAX_MEMBERS } from "./parseTraceState.js";
import type { ParsedTraceState } from "./parseTraceState.js";

/**
 * Marks a trace state of ours, and says whether its trace id is random. On `Symbol.for`, because each
 * bundle of this package has a class of its own and they meet in one process.
 */
const RANDOM = Symbol.for("land-telemetry.tracestate.random");

/**
 * The trace state of an extracted context. Two things are unlike the official class: members follow the
 * grammar of Trace Context Level 2, and it carries the random bit of the trace. The SDK gives a child span
 * only the sampled bit, but hands the parent's trace state on by reference; so the bit travels here.
 */
export class StrictTraceState implements TraceState {
  readonly [RANDOM]: boolean;
  readonly #members: ReadonlyMap<string, string>;
  #text: string | undefined;

  /** `members` in the order of the header; the caller has checked them. */
  constructor({ members, text }: ParsedTraceState, random: boolean) {
    this.#members = members;
    this.#text = text;
    this[RANDOM] = random;
  }

  /** Adds or changes a member and moves it to the front; an illegal one is ignored. */
  set(key: string, value: string): TraceState {
    if (!isTraceStateMember(`${key}=${value}`)) return this;
    const members = new Map([[key, value]]);
    for (const [other, kept] of this.#members) {
      if (members.size >= MAX_MEMBERS) break;
      if (other !== key) members.set(other, kept);
    }
    return new StrictTraceState({ members }, this[RANDOM]);
  }

  unset(key: string): TraceState {
    if (!this.#members.has(key)) return this;
    const members = new Map(this.#members);
    members.delete(key);
    return new StrictTraceState({ members }, this[RANDOM]);
  }

  get(key: string): string | undefined {
    return this.#members.get(key);
  }

  serialize(): string {
    return (this.#text ??= Array.from(this.#members, ([key, value]) => `${key}=${value}`).join(
      ",",
    ));
  }
}

/** The trace state of a random trace id without members; shared, since it cannot change. */
export const RANDOM_TRACE_STATE: TraceState = new StrictTraceState(
  { members: new Map(), text: "" },
  true,
);

/** Whether a trace state is one of ours, whose members are legal by construction. */
export function isStrict(traceState: TraceState): boolean {
  return RANDOM in traceState;
}

/** Whether a trace state carries the random bit. */
export function isRandom(traceState: TraceState): boolean {
  return (traceState as { [RANDOM]?: boolean })[RANDOM] === true;
}
