import { setTimeout } from "./timers.js";

/** Jest's symbol: when Jest tears the environment down, a global object with this member keeps its other members. */
const PROTECTION = Symbol.for("$$jest-protect-from-deletion");

/**
 * Whether this code runs in a separate realm inside Node's, as under Jest. Jest tears that realm down without telling
 * the code in it. From then on nothing can be loaded, and each attempt makes a passing test fail.
 */
export function isInSandbox(): boolean {
  return Object.getPrototypeOf(setTimeout) !== Function.prototype;
}

/**
 * Protects an object on `globalThis` from Jest. When Jest tears down a test's environment, it deletes the members of
 * all other objects there, or makes them print a warning.
 *
 * @param onTeardown Called at the teardown: Jest reads this member of each object before it touches the others.
 */
export function protect(object: object, onTeardown?: () => void): void {
  const get = (): readonly never[] => {
    onTeardown?.();
    return [];
  };
  Object.defineProperty(object, PROTECTION, { configurable: true, get });
}
