import type { SpanKind } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { Redactor } from "../../redaction/Redactor.js";
import type { JsonBytes } from "./JsonBytes.js";
import { KnownMembers } from "./KnownMembers.js";

/** Longer texts seldom come again, and would be kept until the next batch; in characters. */
const LONGEST = 256;
/** Handlers are some dozens; where names are made of data, no span is like another of its name. */
const MAX_NAMES = 64;
const bytesOf = (text: string): Uint8Array => Buffer.from(text);

const NAME = bytesOf(',"name":');
const KIND = bytesOf(',"kind":');

/** A name with a kind: where they stand, and what the spans of that name have. */
interface KnownName {
  readonly kind: SpanKind;
  readonly start: number;
  readonly end: number;
  readonly members: KnownMembers;
}

/**
 * The spans that are written into one request. Within it a value that came before is redacted and written as it was then:
 * no other code runs in between that could trust it or change a rule.
 */
export class Batch {
  readonly redactor: Redactor;
  /** Of events and links. */
  readonly others = new KnownMembers();
  readonly #repeats: boolean;
  readonly #names = new Map<string, KnownName>();
  readonly #ofFurtherNames = new KnownMembers();

  constructor(redactor: Redactor) {
    this.redactor = redactor;
    this.#repeats = redactor.repeats;
  }

  /** Whether a value is worth to be compared with the next one. */
  remembers(value: unknown): boolean {
    if (!this.#repeats) return false;
    return typeof value === "string"
      ? value.length <= LONGEST
      : typeof value === "number" || typeof value === "boolean";
  }

  /** Writes a span's name and kind, with the comma before them. Gives what the attributes of such spans are compared with. */
  writeName(out: JsonBytes, { name, kind }: ReadableSpan): KnownMembers {
    const known = this.#names.get(name);
    if (known !== undefined && known.kind === kind) {
      out.again(known.start, known.end);
      return known.members;
    }
    const start = out.length;
    out.member(NAME, this.redactor.text(name));
    // OTLP has a kind for none, which the API has not.
    out.member(KIND, (kind as number | null | undefined) == null ? 0 : kind + 1);
    if (!this.remembers(name) || (known === undefined && this.#names.size >= MAX_NAMES))
      return this.#ofFurtherNames;
    const members = known?.members ?? new KnownMembers();
    this.#names.set(name, { kind, start, end: out.length, members });
    return members;
  }
}
