/** A JSON object with members of any kind. Nothing here needs Node's modules: the page reads recordings too. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** What is found by names inside each other; undefined where there is no such member. */
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

/** The text in lower case if it is that many hex digits and not all of them zero, else undefined. */
export function asHexId(value: unknown, digits: number): string | undefined {
  const text = asText(value).toLowerCase();
  return text.length === digits && /^[0-9a-f]+$/.test(text) && /[^0]/.test(text) ? text : undefined;
}
