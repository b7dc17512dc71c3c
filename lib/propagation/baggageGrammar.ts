import type { BaggageEntry } from "@opentelemetry/api";

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const OCTETS = "[\\x21\\x23-\\x2b\\x2d-\\x3a\\x3c-\\x5b\\x5d-\\x7e]*";
const PROPERTY = `[ \\t]*${TOKEN}(?:=${OCTETS})?[ \\t]*`;
const PROPERTIES = `${PROPERTY}(?:;${PROPERTY})*`;

const PROPERTIES_ONLY = new RegExp(`^${PROPERTIES}$`);
/** A member as the official propagator writes it: no white space around its key and value. */
const MEMBER = `${TOKEN}=${OCTETS}(?:;${PROPERTIES})?`;
const HEADER = new RegExp(`^${MEMBER}(?:,${MEMBER})*$`);
/** Keys are written percent-encoded, which leaves these two, and they are not allowed in a token. */
const NOT_ENCODED = /[()]/;

/** Whether a text is a legal `baggage` header (W3C Baggage, 3.2). Linear in its length. */
export function isBaggageHeader(text: string): boolean {
  return HEADER.test(text);
}

/** The entry as far as it can be written, or undefined when its key or value cannot be. */
export function legalEntry(key: string, entry: BaggageEntry): BaggageEntry | undefined {
  const { value, metadata } = entry;
  if (key === "" || NOT_ENCODED.test(key) || !isEncodable(key) || !isEncodable(value))
    return undefined;
  return metadata !== undefined && PROPERTIES_ONLY.test(metadata.toString())
    ? { value, metadata }
    : { value };
}

function isEncodable(text: unknown): boolean {
  if (typeof text !== "string") return false;
  try {
    encodeURIComponent(text);
    return true;
  } catch {
    // Half of a surrogate pair has no UTF-8 form.
    return false;
  }
}
