import type { TraceState } from "@opentelemetry/api";

/** "There can be a maximum of 32 list-members in a list." */
const MAX_MEMBERS = 32;
/**
 * Maximum length that is propagated, in characters. The specification asks for at least 512; 8,192 is the limit of
 * baggage, and both together still fit the header limits of Node's HTTP servers and of gRPC.
 */
const MAX_LENGTH = 8_192;
/** Members longer than this are removed first when a list is too long ("Entries larger than 128 characters"). */
const LARGE_MEMBER = 128;
/** A longer header is not read: no legal list needs it (32 members of 513 characters, and white space). */
const MAX_SCANNED = 32_768;

/** `key "=" value` in the grammar of Trace Context Level 2, where `@` is an ordinary character of a key. */
const MEMBER =
  /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/**
 * Marks one of our trace states, and says whether its trace id is random. Created with `Symbol.for`, because each
 * bundle of this package has its own copy of the class, and they meet in one process.
 */
const RANDOM = Symbol.for("land-telemetry.tracestate.random");

/**
 * The trace state of an extracted context. It differs from the official class in two ways: members follow the grammar
 * of Trace Context Level 2, and it carries the random bit of the trace. The SDK gives a child span only the sampled
 * bit, but passes on the parent's trace state by reference, so the bit travels here.
 */
export class StrictTraceState implements TraceState {
  readonly [RANDOM]: boolean;
  readonly #members: ReadonlyMap<string, string>;

  /** `members` are in the order of the header, and have been checked by the caller. */
  constructor(members: ReadonlyMap<string, string>, random: boolean) {
    this.#members = members;
    this[RANDOM] = random;
  }

  /** Adds or changes a member and moves it to the front; an illegal one is ignored. */
  set(key: string, value: string): TraceState {
    if (!MEMBER.test(`${key}=${value}`)) return this;
    const members = new Map([[key, value]]);
    for (const [other, kept] of this.#members) {
      if (members.size >= MAX_MEMBERS) break;
      if (other !== key) members.set(other, kept);
    }
    return new StrictTraceState(members, this[RANDOM]);
  }

  unset(key: string): TraceState {
    if (!this.#members.has(key)) return this;
    const members = new Map(this.#members);
    members.delete(key);
    return new StrictTraceState(members, this[RANDOM]);
  }

  get(key: string): string | undefined {
    return this.#members.get(key);
  }

  serialize(): string {
    return Array.from(this.#members, ([key, value]) => `${key}=${value}`).join(",");
  }
}

/** The trace state of a random trace id without members; shared, since it is immutable. */
export const RANDOM_TRACE_STATE: TraceState = new StrictTraceState(new Map(), true);

/** Whether a trace state carries the random bit. */
export function isRandom(traceState: TraceState): boolean {
  return (traceState as { [RANDOM]?: boolean })[RANDOM] === true;
}

/** A trace state that may be written; undefined when there is nothing to write. A host's own can hold anything. */
export function legalTraceState(traceState: TraceState | undefined): TraceState | undefined {
  const text = traceState?.serialize() ?? "";
  // Our own have only legal members by construction.
  if (traceState !== undefined && RANDOM in traceState) return text === "" ? undefined : traceState;
  const members = parseTraceState(text);
  return members && new StrictTraceState(members, false);
}

/**
 * Reads the members of a tracestate header, or of several that form one, in order. Undefined when there are no
 * members or when any of it is illegal: an invalid list is discarded whole, because the rest of it could not be
 * distinguished from a legal one. Of members with the same key the first, which is the most recent, is kept.
 */
export function parseTraceState(value: unknown): ReadonlyMap<string, string> | undefined {
  const text = joined(value);
  if (text === undefined || text.length > MAX_SCANNED) return undefined;
  const members = new Map<string, string>();
  let count = 0;
  let length = -1;
  for (const item of text.split(",")) {
    const member = trimOptionalSpace(item);
    if (member === "") continue;
    if (++count > MAX_MEMBERS || !MEMBER.test(member)) return undefined;
    const separator = member.indexOf("=");
    const key = member.slice(0, separator);
    if (members.has(key)) continue;
    members.set(key, member.slice(separator + 1));
    length += member.length + 1;
  }
  if (members.size === 0) return undefined;
  return length > MAX_LENGTH ? shortened(members, length) : members;
}

/** Removes whole members until the list fits: large ones first, then any, each time starting from the end. */
function shortened(members: Map<string, string>, length: number): ReadonlyMap<string, string> {
  const fromTheEnd = Array.from(members).reverse();
  for (const threshold of [LARGE_MEMBER, 0]) {
    for (const [key, value] of fromTheEnd) {
      const size = key.length + value.length + 1;
      if (length <= MAX_LENGTH) return members;
      if (size > threshold && members.delete(key)) length -= size + 1;
    }
  }
  return members;
}

function joined(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return undefined;
  let text = "";
  for (const part of value as unknown[]) {
    if (typeof part !== "string" || text.length > MAX_SCANNED) return undefined;
    text += text === "" ? part : `,${part}`;
  }
  return text;
}

function trimOptionalSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isOptionalSpace(text.charCodeAt(start))) start++;
  while (end > start && isOptionalSpace(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isOptionalSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
