import { setTimeout } from "./timers.js";

/** Jest's: an object on the global one that has this member keeps its others when the environment is torn down. */
const PROTECTION = Symbol.for("$$jest-protect-from-deletion");

/**
 * Whether this code runs in a realm of its own inside of Node's, as under Jest, which tears it down without a word to
 * those who live in it: from then on nothing can be loaded, and a passing test fails for each attempt.
 */
export function isInSandbox(): boolean {
  return Object.getPrototypeOf(setTimeout) !== Function.prototype;
}

/**
 * Protects an object on the global one from Jest, which takes the members of all others away when it tears a test's
 * environment down, or makes them print a warning.
 *
 * @param onTeardown Called then. Jest asks each object for its protection before it touches its members.
 */
export function protect(object: object, onTeardown?: () => void): void {
  const get = (): readonly never[] => {
    onTeardown?.();
    return [];
  };
  Object.defineProperty(object, PROTECTION, { configurable: true, get });
}
