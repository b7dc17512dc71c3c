/**
 * Puts a member of our own in front of an object's, without a trace in its keys. Returns false when the
 * object does not allow it.
 */
export function hideMember(target: object, key: PropertyKey, value: unknown): boolean {
  return Reflect.defineProperty(target, key, {
    value,
    configurable: true,
    enumerable: false,
    writable: true,
  });
}
