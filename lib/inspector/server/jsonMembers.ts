/** A JSON object with any members. This file uses no Node modules, because the page reads recordings too. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** The member at a path of names; undefined if there is none. */
export function member(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce((inner, name) => asObject(inner)?.[name], value);
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** The value in lower case if it is a string of exactly `digits` hex digits, not all zero; otherwise undefined. */
export function asHexId(value: unknown, digits: number): string | undefined {
  const text = asText(value).toLowerCase();
  return text.length === digits && /^[0-9a-f]+$/.test(text) && /[^0]/.test(text) ? text : undefined;
}
