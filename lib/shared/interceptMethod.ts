export type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Nested wrappers put a few interceptors on one object. One that every call gives back anew, such as an iterator that
 * all callers share, would get a chain of them as long as there are calls.
 */
const MAX_DEPTH = 16;
const depths = new WeakMap<object, number>();

/**
 * Puts a function in front of an object's own or inherited method, which looks like the method and leaves no trace in the
 * object's keys. It gets the method, and `this` and the arguments of each call. Returns false when there is no such
 * method, when it has been intercepted many times already, or when the object does not allow it.
 */
export function interceptMethod<Args extends unknown[] = unknown[], Result = unknown>(
  target: object,
  key: PropertyKey,
  intercept: (
    method: (this: unknown, ...args: Args) => Result,
    self: unknown,
    args: Args,
  ) => Result,
): boolean {
  const method: unknown = Reflect.get(target, key);
  if (typeof method !== "function") return false;
  const depth = (depths.get(method) ?? 0) + 1;
  if (depth > MAX_DEPTH) return false;
  // Written as a method, which has no `prototype`, as most methods have none.
  const holder = {
    wrapper(this: unknown, ...args: Args): Result {
      return intercept(method as (this: unknown, ...args: Args) => Result, this, args);
    },
  };
  const wrapper: object = Reflect.get(holder, "wrapper");
  imitate(wrapper, method);
  depths.set(wrapper, depth);
  return Reflect.defineProperty(target, key, {
    value: wrapper,
    configurable: true,
    enumerable: Reflect.getOwnPropertyDescriptor(target, key)?.enumerable ?? false,
    writable: true,
  });
}

/**
 * Makes a wrapper look like the function it stands for: name, length, prototype chain and own properties.
 * What a hostile function refuses to show is left out.
 */
export function imitate(wrapper: object, original: object): void {
  try {
    const kind = Object.getPrototypeOf(original) as object | null;
    if (kind !== Object.getPrototypeOf(wrapper)) Object.setPrototypeOf(wrapper, kind);
    for (const key of Reflect.ownKeys(wrapper))
      if (!Object.hasOwn(original, key)) Reflect.deleteProperty(wrapper, key);
    for (const key of Reflect.ownKeys(original)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(original, key);
      if (descriptor !== undefined) Reflect.defineProperty(wrapper, key, descriptor);
    }
  } catch {
    // A proxy with throwing traps: the wrapper still works.
  }
}
