export type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Puts a function in front of an object's own or inherited method, without a trace in the object's keys. It gets
 * the method, and `this` and the arguments of each call. Returns false when there is no such method, or the object
 * does not allow it.
 */
export function interceptMethod(
  target: object,
  key: PropertyKey,
  intercept: (method: Method, self: unknown, args: unknown[]) => unknown,
): boolean {
  const method: unknown = Reflect.get(target, key);
  if (typeof method !== "function") return false;
  return Reflect.defineProperty(target, key, {
    value: function (this: unknown, ...args: unknown[]) {
      return intercept(method as Method, this, args);
    },
    configurable: true,
    enumerable: false,
    writable: true,
  });
}
