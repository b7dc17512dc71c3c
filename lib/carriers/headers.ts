import type { Context, TextMapGetter, TextMapSetter } from "@opentelemetry/api";
import { context as contextApi } from "@opentelemetry/api";
import { extractWith, injectWith } from "./propagate.js";

/**
 * Writes the context's `traceparent`, `tracestate` and `baggage` into a carrier: a plain object of headers,
 * a Map, Headers, gRPC metadata, or anything else with `set(key, value)`. Returns the carrier. One that
 * cannot be written to (frozen, an array, a number, null) comes back unchanged; never throws.
 *
 * The baggage holds `session.id`, which is meant for the other tiers. Do not inject into requests to third
 * parties; the global propagator leaves it out.
 *
 * @param context Defaults to the active context.
 */
export function inject<C>(carrier: C, context: Context = contextApi.active()): C {
  injectWith(context, carrier, headerSetter);
  return carrier;
}

/**
 * Reads `traceparent`, `tracestate` and `baggage` from a carrier: a plain object of headers, a Map, Headers, gRPC
 * metadata, or anything else with `get(key)`. Names match in any letter case; more than one traceparent counts as
 * none. Never throws, and never changes the carrier.
 *
 * @param context The context to build on; returned as it is when the carrier holds nothing. Defaults to the active
 *   context.
 */
export function extract(carrier: unknown, context: Context = contextApi.active()): Context {
  return extractWith(context, carrier, headerGetter);
}

/** Returns the values of a name in all its letter cases: the propagator treats two traceparents as none. */
const headerGetter: TextMapGetter<unknown> = {
  get(carrier, name) {
    if (!isCarrier(carrier)) return undefined;
    if (hasMethod(carrier, "get") && !isMap(carrier)) return textOf(carrier.get(name));
    const entries = entriesOf(carrier);
    const values = keysNamed(entries, name).map((key) => textOf(entries.get(key)));
    return values.length > 1 ? values.flatMap((value) => value ?? []) : values[0];
  },
  keys: (carrier) => (isCarrier(carrier) ? Array.from(entriesOf(carrier).keys(), String) : []),
};

/**
 * Replaces a name that exists in another letter case. A new traceparent also removes the old tracestate, so that
 * headers that are passed on do not mix two traces.
 */
const headerSetter: TextMapSetter<unknown> = {
  set(carrier, name, value) {
    if (!isCarrier(carrier)) return;
    const startsTrace = name === "traceparent";
    if (hasMethod(carrier, "set") && !isMap(carrier)) {
      if (startsTrace && hasMethod(carrier, "delete")) carrier.delete("tracestate");
      carrier.set(name, value);
      return;
    }
    const entries = entriesOf(carrier);
    // Nothing is deleted before this: an object that accepts no new keys may still lose old ones.
    if (entries.set(name, value) === false) return;
    for (const key of keysNamed(entries, name)) if (key !== name) entries.delete(key);
    if (startsTrace) for (const key of keysNamed(entries, "tracestate")) entries.delete(key);
  },
};

/** A Map, or the own properties of an object in the same form. */
interface Entries {
  keys(): Iterable<unknown>;
  has(key: string): boolean;
  get(key: string): unknown;
  /** Returns false when the key could not be written. */
  set(key: string, value: string): unknown;
  delete(key: string): unknown;
}

function entriesOf(carrier: object): Entries {
  if (isMap(carrier)) return carrier;
  return {
    keys: () => Object.keys(carrier),
    has: (key) => Object.hasOwn(carrier, key),
    get: (key) => Reflect.get(carrier, key) as unknown,
    set: (key, value) => Reflect.set(carrier, key, value),
    delete: (key) => Reflect.deleteProperty(carrier, key),
  };
}

/** Maximum number of keys of a carrier compared with a name: a limit for objects that are not headers. */
const MAX_KEYS = 1_000;

/**
 * The keys that equal the lower-case `name` in any letter case, in order. Past the limit only the exact name is
 * found.
 */
function keysNamed(entries: Entries, name: string): string[] {
  const found: string[] = [];
  let compared = 0;
  for (const key of entries.keys()) {
    if (typeof key === "string" && key.length === name.length && key.toLowerCase() === name)
      found.push(key);
    if (++compared < MAX_KEYS) continue;
    if (!found.includes(name) && entries.has(name)) found.push(name);
    break;
  }
  return found;
}

function isCarrier(carrier: unknown): carrier is object {
  const isList = Array.isArray(carrier) || ArrayBuffer.isView(carrier);
  return typeof carrier === "object" && carrier !== null && !isList;
}

function isMap(carrier: object): carrier is Map<unknown, unknown> {
  return Object.prototype.toString.call(carrier) === "[object Map]";
}

/** Whether a carrier is accessed through a method: Headers, gRPC metadata and objects of the same shape. */
function hasMethod<M extends string>(
  carrier: object,
  method: M,
): carrier is Record<M, (...values: unknown[]) => unknown> {
  return typeof (carrier as Record<string, unknown>)[method] === "function";
}

function textOf(value: unknown): string | string[] | undefined {
  if (typeof value === "string") return value;
  return Array.isArray(value)
    ? (value as unknown[]).filter((part) => typeof part === "string")
    : undefined;
}
