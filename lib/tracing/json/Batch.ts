import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { Redactor } from "../../privacy/Redactor.js";
import type { JsonBytes } from "./JsonBytes.js";

/** Longer texts seldom come again, and would be kept until the next batch; in characters. */
const LONGEST = 256;
const bytesOf = (text: string): Uint8Array => Buffer.from(text);

const NAME = bytesOf(',"name":');
const KIND = bytesOf(',"kind":');

/**
 * The spans that are written into one request. Within it a value that came before is redacted and written as it was then:
 * no other code runs in between that could trust it or change a rule.
 */
export class Batch {
  readonly redactor: Redactor;
  readonly #repeats: boolean;
  #name: string | undefined;
  #kind: unknown;
  #nameAndKind: Uint8Array | undefined;

  constructor(redactor: Redactor) {
    this.redactor = redactor;
    this.#repeats = redactor.repeats;
  }

  /** Whether a value is worth to be compared with the next one. */
  remembers(value: unknown): boolean {
    return this.#repeats && (typeof value === "string" ? value.length <= LONGEST : typeof value === "number");
  }

  /** Writes a span's name and kind, with the comma before them; those of most spans are those of the span before. */
  writeName(out: JsonBytes, { name, kind }: ReadableSpan): void {
    const isKnown = name === this.#name && kind === this.#kind;
    if (isKnown && this.#nameAndKind !== undefined) {
      out.raw(this.#nameAndKind);
      return;
    }
    const start = out.length;
    out.member(NAME, this.redactor.text(name));
    // OTLP has a kind for none, which the API has not.
    out.member(KIND, (kind as number | null | undefined) == null ? 0 : kind + 1);
    if (isKnown) this.#nameAndKind = out.since(start);
    else if (this.remembers(name)) {
      this.#name = name;
      this.#kind = kind;
      this.#nameAndKind = undefined;
    }
  }
}
