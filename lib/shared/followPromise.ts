import { types } from "node:util";
import { interceptMethod } from "./interceptMethod.js";
import { isObject } from "./isObject.js";

/**
 * Does some work and hands on what it gives. `onFailure` is told of a throw or a rejection, `onValue` of the value
 * itself or of what a promise of it resolves to; neither may throw.
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
 * Waits for a promise on the way through, and gives back the promise to hand on in its place.
 *
 * The one handed on is derived from the first, never a side branch of it: whoever handles it handles the
 * failure, and if nobody does, Node reports it exactly once, as it would have without us. A thenable that is no promise
 * is handed on itself, and heard when its taker asks it, which may be what starts its work. `onValue` may replace the
 * value; neither callback may throw.
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

/** A thenable that cannot be followed counts as settled: what it will give is not known. */
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

/** By names alone: the symbols on a promise are those of Node's async hooks. */
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

/** A prototype chain longer than this is not a promise's. */
const MAX_PROTOTYPES = 8;

/**
 * A cancelable promise stays cancelable: what it has beyond a promise is reachable on the one handed on, which is an
 * instance of the same class.
 */
function forwardMembers(from: object, to: object): void {
  try {
    let level: object | null = from;
    for (let depth = 0; depth < MAX_PROTOTYPES && level !== null; depth++) {
      if (level === Promise.prototype || level === Object.prototype) {
        takeClass(from, to);
        return;
      }
      // The symbols on the promise itself are those under which Node's async hooks keep their ids.
      const keys = level === from ? Object.getOwnPropertyNames(level) : Reflect.ownKeys(level);
      for (const key of keys) if (!(key in to)) forwardMember(from, to, key);
      level = Object.getPrototypeOf(level) as object | null;
    }
  } catch {
    // A hostile proxy keeps its extra members to itself; the promise itself works.
  }
}

/** Methods of a subclass would miss the private fields of the first, so the promise handed on has those of promises itself. */
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

/** Whether a value is a promise or answers like one. A `then` that throws when read is none. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (!isObject(value)) return false;
  try {
    return typeof (value as { then?: unknown }).then === "function";
  } catch {
    return false;
  }
}
