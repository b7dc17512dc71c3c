import type { ErrorOrigin } from "../config/TelemetryOptions.js";
import { attempt } from "../shared/attempt.js";
import { readMember } from "../shared/readMember.js";
import { owner, PREFIX } from "./owner.js";

/** Below the prefix of the event pipe's keys, so that opting out of the pipe deletes these too. */
export const EARLY = `${PREFIX}:posthog:early:`;
/** Maximum number of errors kept per window until the rest is loaded; they suffice for a page that fails more often. */
const MAX_EARLY = 20;
/** Segments of letters, as in a class name or tag. Anything else might need redaction, which is not loaded yet. */
const WORDS = /^[a-z]{1,40}(?:[:._-][a-z]{1,40}){0,4}$/i;

/** Names of cancellations, which are not errors. */
const CANCELLED = /^(?:Abort|Cancel)/;

/** What is kept of an error before redaction is loaded. */
export interface EarlyError {
  readonly tag: string;
  readonly type: string;
  readonly origin: ErrorOrigin;
  readonly sessionId: string;
  /** When it was captured, in ms since 1970. */
  readonly at: number;
}

let kept = 0;

/** Stores, before it returns, that there was an error. If this page ends too early, the next one reports the error. */
export function keepEarly(
  id: string,
  given: string,
  error: unknown,
  origin: ErrorOrigin,
  sessionId: string,
): void {
  const name = readMember(error, "name");
  const type = isWords(name) ? name : "Error";
  if (kept >= MAX_EARLY || CANCELLED.test(type)) return;
  kept += 1;
  const tag = isWords(given) ? given : type;
  const early: EarlyError = { tag, type, origin, sessionId, at: Date.now() };
  attempt(() => localStorage.setItem(keyOf(id), JSON.stringify(early)));
}

/** Removes an error that has become an event, which is stored as such. */
export function forgetEarly(id: string): void {
  attempt(() => localStorage.removeItem(keyOf(id)));
}

export function isEarly(value: unknown): value is EarlyError {
  const { tag, type, sessionId, at } = (value ?? {}) as Partial<Record<keyof EarlyError, unknown>>;
  return isWords(tag) && isWords(type) && typeof sessionId === "string" && typeof at === "number";
}

function isWords(value: unknown): value is string {
  return typeof value === "string" && WORDS.test(value);
}

function keyOf(id: string): string {
  return `${EARLY}${owner()}:${id}`;
}
