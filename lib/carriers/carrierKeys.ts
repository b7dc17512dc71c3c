/** Keys of one carrier that are compared with the name asked for; a bound for carriers that are no headers. */
const MAX_KEYS = 1_000;

/**
 * The keys among `keys` that are the lower case `name` in any letter case, in their order. Of a carrier with
 * more keys than the bound the rest is not compared; there `hasExact` says whether it has the exact name.
 */
export function keysNamed(
  keys: readonly unknown[],
  name: string,
  hasExact: () => boolean,
): string[] {
  const found: string[] = [];
  const bound = Math.min(keys.length, MAX_KEYS);
  for (let index = 0; index < bound; index++) {
    const key = keys[index];
    if (
      typeof key === "string" &&
      key.length === name.length &&
      (key === name || key.toLowerCase() === name)
    )
      found.push(key);
  }
  if (keys.length >= MAX_KEYS && !found.includes(name) && hasExact()) found.push(name);
  return found;
}

/** The keys of a Map that `keysNamed` looks at. */
export function firstKeys(map: ReadonlyMap<unknown, unknown>): unknown[] {
  const keys: unknown[] = [];
  for (const key of map.keys()) if (keys.push(key) >= MAX_KEYS) break;
  return keys;
}

/** A carrier that is reached by a method: Headers, gRPC metadata, and what is shaped like them. */
export function hasMethod<M extends string>(
  carrier: object,
  method: M,
): carrier is Record<M, (...values: unknown[]) => unknown> {
  return typeof (carrier as Record<string, unknown>)[method] === "function";
}
