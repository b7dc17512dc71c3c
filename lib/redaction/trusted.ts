import { attempt } from "../shared/attempt.js";
import { globalState } from "../shared/globalState.js";
import { isObject } from "../shared/isObject.js";

/** Trusted texts that are remembered; the oldest is forgotten, and then redacted like any other. */
const MAX_TRUSTED = 1_000;
/** Longest text that can be trusted: what is remembered stays in memory. */
const MAX_LENGTH = 4_096;

/**
 * Marks a value as trusted, so that redaction lets it pass, and gives it back:
 * `span.setAttribute("land.resources", trusted("/opt/land/resources"))`.
 *
 * An attribute can hold no wrapper object, so a text is trusted by what it says: any value that is exactly this
 * text passes, in the whole process, until 1,000 others were marked after it. Mark constants, never what a user
 * or a file brought. Objects are trusted by identity, with everything in them; texts in an array are trusted
 * each on its own too, because the SDK copies arrays. Texts above 4,096 characters stay untrusted. A denied
 * key is still denied.
 */
export function trusted<T>(value: T): T {
  const state = globalState();
  if (typeof value === "string") {
    trustText((state.trustedTexts ??= new Set()), value);
  } else if (isObject(value)) {
    (state.trustedObjects ??= new WeakSet()).add(value);
    attempt(() => {
      if (!Array.isArray(value)) return;
      for (const item of value as readonly unknown[]) if (typeof item === "string") trusted(item);
    });
  }
  return value;
}

/** Whether a value was marked by `trusted`. */
export function isTrusted(value: unknown): boolean {
  const state = globalState();
  if (typeof value === "string") return state.trustedTexts?.has(value) === true;
  return isObject(value) && state.trustedObjects?.has(value) === true;
}

function trustText(texts: Set<string>, text: string): void {
  if (text.length > MAX_LENGTH) return;
  texts.delete(text);
  texts.add(text);
  if (texts.size <= MAX_TRUSTED) return;
  const oldest = texts.values().next();
  if (oldest.done !== true) texts.delete(oldest.value);
}
