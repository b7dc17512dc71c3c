export type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Nested wrappers put a few interceptors on one object. An object that is returned by every call, such as an iterator
 * shared by all callers, would get one more with each call.
 */
const MAX_DEPTH = 16;
const depths = new WeakMap<object, number>();

/**
 * Puts a wrapper in place of an object's own or inherited method. It looks like the method and adds no enumerable key.
 * On each call `intercept` gets the method, `this` and the arguments. Returns false if there is no such method, if it
 * has already been intercepted `MAX_DEPTH` times, or if the object does not allow it.
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
  // Written as a method, so that it has no `prototype`: most methods have none.
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
 * Makes a wrapper look like the function it replaces: name, length, prototype chain and own properties.
 * Properties that a hostile function does not let us read are left out.
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
