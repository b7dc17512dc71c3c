import type { IdGenerator } from "@opentelemetry/sdk-trace";
import { RandomWords } from "../shared/RandomWords.js";

const BYTES = 256;
const pairs = Array.from({ length: BYTES }, (_, byte) => byte.toString(16).padStart(2, "0"));
/** The character codes of a byte's two digits. */
const FIRST = Uint8Array.from(pairs, (pair) => pair.charCodeAt(0));
const SECOND = Uint8Array.from(pairs, (pair) => pair.charCodeAt(1));

/**
 * Ids that are random in all places, as the random flag of Trace Context Level 2 promises them, in a quarter of the
 * time that the official generator takes.
 */
export class RandomIds implements IdGenerator {
  readonly #words: Pick<RandomWords, "next">;

  /** @param words Where the bits come from. Default: a generator with a seed of the system. */
  constructor(words: Pick<RandomWords, "next"> = new RandomWords()) {
    this.#words = words;
  }

  generateTraceId(): string {
    const words = this.#words;
    const a = words.next();
    const b = words.next();
    const c = words.next();
    const d = words.next();
    // The id of zeros is none.
    return (a | b | c | d) === 0 ? this.generateTraceId() : traceId(a, b, c, d);
  }

  generateSpanId(): string {
    const words = this.#words;
    const a = words.next();
    const b = words.next();
    return (a | b) === 0 ? this.generateSpanId() : spanId(a, b);
  }
}

// Each in one call with one argument for each digit, looked up in place: to ask a Buffer for its digits takes twice as
// long, so do 64 calls of a function that looks them up, and parts that are joined take more memory for as long as the
// span waits.

// prettier-ignore
function spanId(a: number, b: number): string {
  return String.fromCharCode(
    FIRST[a & 255] as number, SECOND[a & 255] as number, FIRST[(a >>> 8) & 255] as number, SECOND[(a >>> 8) & 255] as number, FIRST[(a >>> 16) & 255] as number, SECOND[(a >>> 16) & 255] as number, FIRST[a >>> 24] as number, SECOND[a >>> 24] as number,
    FIRST[b & 255] as number, SECOND[b & 255] as number, FIRST[(b >>> 8) & 255] as number, SECOND[(b >>> 8) & 255] as number, FIRST[(b >>> 16) & 255] as number, SECOND[(b >>> 16) & 255] as number, FIRST[b >>> 24] as number, SECOND[b >>> 24] as number,
  );
}

// prettier-ignore
function traceId(a: number, b: number, c: number, d: number): string {
  return String.fromCharCode(
    FIRST[a & 255] as number, SECOND[a & 255] as number, FIRST[(a >>> 8) & 255] as number, SECOND[(a >>> 8) & 255] as number, FIRST[(a >>> 16) & 255] as number, SECOND[(a >>> 16) & 255] as number, FIRST[a >>> 24] as number, SECOND[a >>> 24] as number,
    FIRST[b & 255] as number, SECOND[b & 255] as number, FIRST[(b >>> 8) & 255] as number, SECOND[(b >>> 8) & 255] as number, FIRST[(b >>> 16) & 255] as number, SECOND[(b >>> 16) & 255] as number, FIRST[b >>> 24] as number, SECOND[b >>> 24] as number,
    FIRST[c & 255] as number, SECOND[c & 255] as number, FIRST[(c >>> 8) & 255] as number, SECOND[(c >>> 8) & 255] as number, FIRST[(c >>> 16) & 255] as number, SECOND[(c >>> 16) & 255] as number, FIRST[c >>> 24] as number, SECOND[c >>> 24] as number,
    FIRST[d & 255] as number, SECOND[d & 255] as number, FIRST[(d >>> 8) & 255] as number, SECOND[(d >>> 8) & 255] as number, FIRST[(d >>> 16) & 255] as number, SECOND[(d >>> 16) & 255] as number, FIRST[d >>> 24] as number, SECOND[d >>> 24] as number,
  );
}
