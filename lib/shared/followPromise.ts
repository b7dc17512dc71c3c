import { types } from "node:util";
import { interceptMethod } from "./interceptMethod.js";
import { isObject } from "./isObject.js";

/**
 * Calls `work` and returns its result. `onFailure` is called with what it throws or rejects with, `onValue` with its
 * result or, for a promise, the value it resolves to. Neither may throw.
 */
export function followCall<T>(
  work: () => T,
  onValue: (value: unknown) => void,
  onFailure: (failure: unknown) => void,
): T {
  let result: T;
  try {
    result = work();
  } catch (failure) {
    onFailure(failure);
    throw failure;
  }
  const pass = <V>(value: V): V => {
    onValue(value);
    return value;
  };
  return isThenable(result) ? (followPromise(result, pass, onFailure) as T) : pass(result);
}

/**
 * Observes a promise on its way to the consumer, and returns the promise to hand on in its place.
 *
 * The returned promise is derived from the original, which gets no side branch: whoever handles the derived one handles
 * the failure, and if nobody does, Node reports it exactly once, as without this package. A thenable that is not a
 * promise is returned itself and observed when the consumer calls its `then`, because that call may start its work.
 * `onValue` may replace the value; neither callback may throw.
 */
export function followPromise<T>(
  promise: PromiseLike<T>,
  onValue: (value: T) => T,
  onFailure: (failure: unknown) => void,
): PromiseLike<T> {
  const fail = (failure: unknown): never => {
    onFailure(failure);
    throw failure;
  };
  if (isPlainPromise(promise)) return promise.then(onValue, fail);
  if (!types.isPromise(promise)) return followThenable(promise, onValue, onFailure);
  const derived = new Promise<T>((resolve, reject) => {
    promise.then(resolve, reject);
  }).then(onValue, fail);
  forwardMembers(promise, derived);
  return derived;
}

/** A thenable that cannot be intercepted counts as settled immediately, with itself as the value. */
function followThenable<T>(
  thenable: PromiseLike<T>,
  onValue: (value: T) => T,
  onFailure: (failure: unknown) => void,
): PromiseLike<T> {
  type Then = [((value: T) => unknown)?, ((failure: unknown) => unknown)?, ...unknown[]];
  const followed = interceptMethod<Then>(thenable, "then", (then, self, [take, refuse, ...rest]) =>
    then.call(
      self,
      (value) => {
        const seen = onValue(value);
        return typeof take === "function" ? take(seen) : seen;
      },
      (failure) => {
        onFailure(failure);
        if (typeof refuse === "function") return refuse(failure);
        throw failure;
      },
      ...rest,
    ),
  );
  if (!followed) onValue(thenable as T);
  return thenable;
}

/** Only string keys are checked: the symbol keys on a promise are those of Node's async hooks. */
function isPlainPromise(value: unknown): value is Promise<unknown> {
  try {
    return (
      Object.getPrototypeOf(value) === Promise.prototype &&
      Object.getOwnPropertyNames(value).length === 0
    );
  } catch {
    return false;
  }
}

/** No real promise has a longer prototype chain. */
const MAX_PROTOTYPES = 8;

/**
 * Keeps a cancellable promise cancellable: the members it has beyond those of a promise can be used on the derived
 * promise, which becomes an instance of the same class.
 */
function forwardMembers(from: object, to: object): void {
  try {
    let level: object | null = from;
    for (let depth = 0; depth < MAX_PROTOTYPES && level !== null; depth++) {
      if (level === Promise.prototype || level === Object.prototype) {
        takeClass(from, to);
        return;
      }
      // The symbol keys on the promise itself are those under which Node's async hooks keep their ids.
      const keys = level === from ? Object.getOwnPropertyNames(level) : Reflect.ownKeys(level);
      for (const key of keys) if (!(key in to)) forwardMember(from, to, key);
      level = Object.getPrototypeOf(level) as object | null;
    }
  } catch {
    // A hostile proxy: its extra members are not forwarded, but the promise works.
  }
}

/** A subclass's own `then` would need private fields that `to` lacks, so `to` gets the built-in promise methods. */
function takeClass(from: object, to: object): void {
  Object.setPrototypeOf(to, Object.getPrototypeOf(from) as object | null);
  for (const key of ["then", "catch", "finally"]) {
    const value: unknown = Reflect.get(Promise.prototype, key);
    if (Reflect.get(to, key) !== value)
      Object.defineProperty(to, key, { value, configurable: true, writable: true });
  }
}

function forwardMember(from: object, to: object, key: PropertyKey): void {
  Object.defineProperty(to, key, {
    configurable: true,
    enumerable: Object.prototype.propertyIsEnumerable.call(from, key),
    get(): unknown {
      const member: unknown = Reflect.get(from, key);
      return typeof member === "function"
        ? (member as (...args: unknown[]) => unknown).bind(from)
        : member;
    },
    set(value: unknown) {
      Reflect.set(from, key, value);
    },
  });
}

/** Whether a value is a promise or another thenable; false if reading its `then` throws. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (!isObject(value)) return false;
  try {
    return typeof (value as { then?: unknown }).then === "function";
  } catch {
    return false;
  }
}
