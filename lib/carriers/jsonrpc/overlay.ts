/**
 * An object that answers like the one below it, but for some members. The object below is not touched,
 * and keeps its `this` and its private fields.
 */
export function overlay<T extends object>(below: T, members: Partial<T>): T {
  // An empty target: a frozen reader or writer would otherwise dictate its own members.
  const target = Object.create(Object.getPrototypeOf(below) as object | null) as T;
  return new Proxy(target, {
    get(_target, key) {
      if (Object.hasOwn(members, key)) return Reflect.get(members, key) as unknown;
      const member: unknown = Reflect.get(below, key);
      return typeof member === "function"
        ? (member as (...args: unknown[]) => unknown).bind(below)
        : member;
    },
    set: (_target, key, value) => Reflect.set(below, key, value),
    has: (_target, key) => key in below,
  });
}
