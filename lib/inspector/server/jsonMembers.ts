/** A JSON object with members of any kind. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
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
  if (
    typeof value !== "string" ||
    value.length !== digits ||
    !/^[0-9a-f]+$/i.test(value) ||
    /^0+$/.test(value)
  )
    return undefined;
  return value.toLowerCase();
}
