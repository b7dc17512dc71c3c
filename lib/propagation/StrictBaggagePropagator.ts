import type {
  Baggage,
  Context,
  TextMapGetter,
  TextMapPropagator,
  TextMapSetter,
} from "@opentelemetry/api";
import { propagation } from "@opentelemetry/api";
import { isTracingSuppressed, W3CBaggagePropagator } from "@opentelemetry/core";
import { isBaggageHeader, legalEntry } from "./baggageGrammar.js";

const BAGGAGE_HEADER = "baggage";
/** A longer header is cut before its last whole member: the official limits bound what is kept, not what is read. */
const MAX_SCANNED = 65_536;

/** What the official propagator would have written. */
interface Written {
  baggage?: string;
}

/** Gives the official propagator one bounded text. */
const boundedGetter: TextMapGetter<string> = {
  get: (baggage) => baggage,
  keys: () => [BAGGAGE_HEADER],
};

/** Takes what the official propagator writes, before it reaches the carrier. */
const capturingSetter: TextMapSetter<Written> = {
  set: (written, _key, value) => (written.baggage = value),
};

/**
 * The official W3C baggage propagator with its limits (180 members, 4,096 bytes each, 8,192 in all). What is
 * read is bounded and is text; what is written is legal. The official one throws on lone surrogates, and
 * writes metadata and keys that the grammar forbids.
 */
export class StrictBaggagePropagator implements TextMapPropagator {
  readonly #official = new W3CBaggagePropagator();
  // Most messages carry the same baggage, the session alone; a Baggage cannot change, so its text stays right.
  #lastBaggage: Baggage | undefined;
  #lastHeader = "";

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const baggage = propagation.getBaggage(context);
    if (baggage === undefined || isTracingSuppressed(context)) return;
    if (baggage !== this.#lastBaggage) {
      const header =
        (holdsMoreMembers(baggage) ? undefined : this.#write(context)) ??
        this.#write(propagation.setBaggage(context, legalBaggage(baggage)));
      this.#lastHeader = header ?? "";
      this.#lastBaggage = baggage;
    }
    if (this.#lastHeader !== "") setter.set(carrier, BAGGAGE_HEADER, this.#lastHeader);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const header = boundedText(getter.get(carrier, BAGGAGE_HEADER));
    return header === "" ? context : this.#official.extract(context, header, boundedGetter);
  }

  fields(): string[] {
    return this.#official.fields();
  }

  /** The header, the empty string for none, or undefined when it cannot be written as it is. */
  #write(context: Context): string | undefined {
    const written: Written = {};
    try {
      this.#official.inject(context, written, capturingSetter);
    } catch {
      return undefined;
    }
    const header = written.baggage ?? "";
    return header === "" || isBaggageHeader(header) ? header : undefined;
  }
}

/** Metadata is written as it is; with a comma in it, a legal header says more than its entries do. */
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
  if (value === undefined || (typeof value === "string" && value.length <= MAX_SCANNED))
    return value ?? "";
  let text = "";
  for (const part of Array.isArray(value) ? (value as unknown[]) : [value]) {
    if (typeof part !== "string") continue;
    text += text === "" ? part : `,${part}`;
    if (text.length > MAX_SCANNED)
      return text.slice(0, Math.max(0, text.lastIndexOf(",", MAX_SCANNED)));
  }
  return text;
}
