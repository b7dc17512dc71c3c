import type { TextMapGetter } from "@opentelemetry/api";
import { firstKeys, hasMethod, keysNamed } from "./carrierKeys.js";

/**
 * Reads any carrier. A name that is there in several letter cases gives all its values: for traceparent
 * that means none, for the others they are joined.
 */
export const carrierGetter: TextMapGetter<unknown> = {
  get(carrier, name) {
    if (typeof carrier !== "object" || carrier === null || Array.isArray(carrier)) return undefined;
    if (carrier instanceof Map) {
      const keys = keysNamed(firstKeys(carrier), name, () => carrier.has(name));
      return combined(keys, (key) => carrier.get(key) as unknown);
    }
    if (hasMethod(carrier, "get")) return textOf(carrier.get(name));
    const keys = keysNamed(Object.keys(carrier), name, () => Object.hasOwn(carrier, name));
    return combined(keys, (key) => (carrier as Record<string, unknown>)[key]);
  },
  keys(carrier) {
    if (typeof carrier !== "object" || carrier === null) return [];
    return carrier instanceof Map ? Array.from(carrier.keys(), String) : Object.keys(carrier);
  },
};

function combined(
  keys: readonly string[],
  read: (key: string) => unknown,
): string | string[] | undefined {
  const [first] = keys;
  if (first === undefined) return undefined;
  return keys.length === 1 ? textOf(read(first)) : keys.flatMap((key) => textOf(read(key)) ?? []);
}

function textOf(value: unknown): string | string[] | undefined {
  if (typeof value === "string") return value;
  return Array.isArray(value)
    ? (value as unknown[]).filter((part) => typeof part === "string")
    : undefined;
}
