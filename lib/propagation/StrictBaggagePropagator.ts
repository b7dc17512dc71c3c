import type {
  Baggage,
  BaggageEntry,
  Context,
  TextMapGetter,
  TextMapPropagator,
  TextMapSetter,
} from "@opentelemetry/api";
import { propagation } from "@opentelemetry/api";
import { isTracingSuppressed, W3CBaggagePropagator } from "@opentelemetry/core";

const BAGGAGE_HEADER = "baggage";
/** A longer header is cut after a whole member: the official limits bound what is kept, not what is read. */
const MAX_SCANNED = 65_536;

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const OCTETS = "[\\x21\\x23-\\x2b\\x2d-\\x3a\\x3c-\\x5b\\x5d-\\x7e]*";
const PROPERTY = `[ \\t]*${TOKEN}(?:=${OCTETS})?[ \\t]*`;
const PROPERTIES = `${PROPERTY}(?:;${PROPERTY})*`;

const PROPERTIES_ONLY = new RegExp(`^${PROPERTIES}$`);
/** A member as the official propagator writes it: no white space around its key and value. */
const MEMBER = `${TOKEN}=${OCTETS}(?:;${PROPERTIES})?`;
/** A legal `baggage` header (W3C Baggage, 3.2). Matches in linear time. */
const HEADER = new RegExp(`^${MEMBER}(?:,${MEMBER})*$`);
/** Keys are percent-encoded, which leaves these two characters as they are, but a token may not contain them. */
const NOT_ENCODED = /[()]/;

/** Receives what the official propagator writes. */
interface Written {
  baggage?: string;
}

/** Passes one string of bounded length to the official propagator. */
const boundedGetter: TextMapGetter<string> = {
  get: (baggage) => baggage,
  keys: () => [BAGGAGE_HEADER],
};

/** Captures what the official propagator writes, before it reaches the carrier. */
const capturingSetter: TextMapSetter<Written> = {
  set: (written, _key, value) => (written.baggage = value),
};

/**
 * The official W3C baggage propagator with its limits (180 members, 4,096 bytes each, 8,192 in all). Only strings of
 * bounded length are read, and only legal headers are written. The official one throws on lone surrogates, and writes
 * metadata and keys that the grammar forbids.
 */
export class StrictBaggagePropagator implements TextMapPropagator {
  readonly #official = new W3CBaggagePropagator();

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const baggage = propagation.getBaggage(context);
    if (baggage === undefined || isTracingSuppressed(context)) return;
    const header =
      (holdsMoreMembers(baggage) ? undefined : this.#write(context)) ??
      this.#write(propagation.setBaggage(context, legalBaggage(baggage)));
    if (header) setter.set(carrier, BAGGAGE_HEADER, header);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const header = boundedText(getter.get(carrier, BAGGAGE_HEADER));
    return header === "" ? context : this.#official.extract(context, header, boundedGetter);
  }

  fields(): string[] {
    return this.#official.fields();
  }

  /** The header, the empty string when there is none, or undefined when it cannot be written as it is. */
  #write(context: Context): string | undefined {
    const written: Written = {};
    try {
      this.#official.inject(context, written, capturingSetter);
    } catch {
      return undefined;
    }
    const header = written.baggage ?? "";
    return header === "" || HEADER.test(header) ? header : undefined;
  }
}

/** Metadata is written as it is: with a comma in it, a legal header has more members than the baggage. */
function holdsMoreMembers(baggage: Baggage): boolean {
  return baggage.getAllEntries().some(([, { metadata }]) => metadata?.toString().includes(","));
}

function legalBaggage(baggage: Baggage): Baggage {
  let legal = propagation.createBaggage();
  for (const [key, entry] of baggage.getAllEntries()) {
    const kept = legalEntry(key, entry);
    if (kept !== undefined) legal = legal.setEntry(key, kept);
  }
  return legal;
}

function boundedText(value: unknown): string {
  let text = "";
  for (const part of Array.isArray(value) ? (value as unknown[]) : [value]) {
    if (typeof part !== "string") continue;
    text += text === "" ? part : `,${part}`;
    if (text.length > MAX_SCANNED) return text.slice(0, text.lastIndexOf(",", MAX_SCANNED) + 1);
  }
  return text;
}

/** The entry, without metadata that cannot be written; undefined when its key or value cannot be written. */
function legalEntry(key: string, entry: BaggageEntry): BaggageEntry | undefined {
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
