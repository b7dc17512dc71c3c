/** Keys of one carrier that are compared with the name asked for; a bound for carriers that are no headers. */
const MAX_KEYS = 1_000;

/**
 * The keys among `keys` that are the lower case `name` in any letter case, in their order. `hasExact` says
 * that the exact name is among them, also when it lies beyond the bound.
 */
export function keysNamed(keys: Iterable<unknown>, name: string, hasExact: boolean): string[] {
  const found: string[] = [];
  let seen = 0;
  let exact = false;
  for (const key of keys) {
    if (++seen > MAX_KEYS) break;
    if (typeof key !== "string" || key.length !== name.length) continue;
    if (key === name) exact = true;
    else if (key.toLowerCase() !== name) continue;
    found.push(key);
  }
  if (hasExact && !exact) found.push(name);
  return found;
}

/** A carrier that is reached by a method: Headers, gRPC metadata, and what is shaped like them. */
export function hasMethod<M extends string>(carrier: object, method: M): carrier is Record<M, (...values: unknown[]) => unknown> {
  return typeof (carrier as Record<string, unknown>)[method] === "function";
}
