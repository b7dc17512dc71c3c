import { attempt } from "../shared/attempt.js";
import { globalState } from "../shared/globalState.js";
import { isObject } from "../shared/isObject.js";

/** Trusted strings that are remembered; the oldest is forgotten, and then redacted like any other. */
const MAX_TRUSTED = 1_000;
/** Longest string that can be trusted, because trusted strings stay in memory. */
const MAX_LENGTH = 4_096;

/**
 * Marks a value as trusted, so that redaction lets it pass, and returns it:
 * `span.setAttribute("land.resources", trusted("/opt/land/resources"))`.
 *
 * An attribute cannot hold a wrapper object, so a string is trusted by its content: any value that equals it passes,
 * in the whole process, until 1,000 others have been marked after it. Mark constants, never anything from a user or a
 * file. Objects are trusted by identity, with everything in them. The strings in an array are also trusted one by one,
 * because the SDK copies arrays. Strings above 4,096 characters stay untrusted. A denied key is still denied.
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
