/** Version 00 is exactly this long: 2 + 1 + 32 + 1 + 16 + 1 + 2. */
const TRACEPARENT_LENGTH = 55;
/** A later version may be longer; what is longer than this is prohibitively large and not looked at. */
const MAX_TRACEPARENT_LENGTH = 512;

/**
 * A version after 00: three known fields, and what follows is behind a dash (Versioning of traceparent). A comma is
 * in none: HTTP/2 and Headers join several headers with one.
 */
const LATER_VERSION = /^(?!00|ff)[0-9a-f]{2}-([0-9a-f]{32}-[0-9a-f]{16})-([0-9a-f]{2})(?:-[^,]*)?$/;

/**
 * Brings what a carrier holds under `traceparent` to the form that the official parser reads rightly, or
 * to undefined. The official parser takes the first of several headers, and keeps flags of versions that
 * it does not know; more than one traceparent counts as none here.
 *
 * Fields are still checked by the official parser: a text of 55 characters that starts with `00-` is
 * handed over as it is, which keeps the usual case cheap.
 */
export function canonicalTraceparent(value: unknown): string | undefined {
  const text: unknown = typeof value === "string" ? value : onlyOf(value);
  if (typeof text !== "string") return undefined;
  if (isVersion00(text)) return text;
  if (text.length < TRACEPARENT_LENGTH || text.length > MAX_TRACEPARENT_LENGTH) return undefined;
  const trimmed = text.replace(/^[ \t]+/, "").replace(/[ \t]+$/, "");
  if (isVersion00(trimmed)) return trimmed;
  const later = LATER_VERSION.exec(trimmed);
  if (later?.[1] === undefined || later[2] === undefined) return undefined;
  // Of an unknown version's flags only `sampled` may be read.
  return `00-${later[1]}-0${(Number.parseInt(later[2], 16) & 1).toString()}`;
}

function onlyOf(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? (value as unknown[])[0] : undefined;
}

function isVersion00(text: string): boolean {
  return text.length === TRACEPARENT_LENGTH && text.startsWith("00-");
}
