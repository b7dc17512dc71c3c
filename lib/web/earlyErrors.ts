import type { ErrorOrigin } from "../config/TelemetryOptions.js";
import { attempt } from "../shared/attempt.js";
import { readMember } from "../shared/readMember.js";
import { owner, PREFIX } from "./owner.js";

/** Beside what the pipe of events keeps, so that opting out of that deletes it. */
export const EARLY = `${PREFIX}:posthog:early:`;
/** Of one window, until the rest is loaded; a page that fails more often is told by these. */
const MAX_EARLY = 20;
/** Words that say what kind an error is. Anything else might have to be redacted, which nothing can do yet. */
const WORDS = /^[a-z]{1,40}(?:[:._-][a-z]{1,40}){0,4}$/i;

/** What nobody calls an error. */
const CANCELLED = /^(?:Abort|Cancel)/;

/** What is kept of an error before redaction is there. */
export interface EarlyError {
  readonly tag: string;
  readonly type: string;
  readonly origin: ErrorOrigin;
  readonly sessionId: string;
  /** When it was captured, in ms since 1970. */
  readonly at: number;
}

let kept = 0;

/** Keeps that there was an error, before the call returns, for the page after this one should this end first. */
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

/** The error is an event, and kept as that. */
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
