import { INVALID_SPANID, INVALID_TRACEID } from "@opentelemetry/api";
import type { IdGenerator } from "@opentelemetry/sdk-trace";
import { RandomPool } from "../shared/RandomPool.js";

const TRACE_BYTES = 16;
const SPAN_BYTES = 8;
/** Read at once, which takes a span 40 µs: enough for 341 traces of one span each. */
const POOL_BYTES = 8_192;

const BYTES = 256;
const pairs = Array.from({ length: BYTES }, (_, byte) => byte.toString(16).padStart(2, "0"));
/** The character codes of a byte's two digits. */
const FIRST = Uint8Array.from(pairs, (pair) => pair.charCodeAt(0));
const SECOND = Uint8Array.from(pairs, (pair) => pair.charCodeAt(1));

/**
 * Ids of random bytes from the system, as the random flag of Trace Context Level 2 promises them; the official
 * generator makes them of `Math.random`.
 */
export class RandomIds implements IdGenerator {
  readonly #pool = new RandomPool(POOL_BYTES);

  generateTraceId(): string {
    const start = this.#pool.take(TRACE_BYTES);
    const id = traceId(this.#pool.bytes, start);
    return id === INVALID_TRACEID ? this.generateTraceId() : id;
  }

  generateSpanId(): string {
    const start = this.#pool.take(SPAN_BYTES);
    const id = spanId(this.#pool.bytes, start);
    return id === INVALID_SPANID ? this.generateSpanId() : id;
  }
}

// Each in one call with one argument for each digit: to ask a Buffer for its digits takes four times as long, and parts
// that are joined take more memory for as long as the span waits.

function spanId(bytes: Uint8Array, at: number): string {
  const a = bytes[at] as number;
  const b = bytes[at + 1] as number;
  const c = bytes[at + 2] as number;
  const d = bytes[at + 3] as number;
  const e = bytes[at + 4] as number;
  const f = bytes[at + 5] as number;
  const g = bytes[at + 6] as number;
  const h = bytes[at + 7] as number;
  // prettier-ignore
  return String.fromCharCode(
    FIRST[a] as number, SECOND[a] as number, FIRST[b] as number, SECOND[b] as number, FIRST[c] as number, SECOND[c] as number, FIRST[d] as number, SECOND[d] as number,
    FIRST[e] as number, SECOND[e] as number, FIRST[f] as number, SECOND[f] as number, FIRST[g] as number, SECOND[g] as number, FIRST[h] as number, SECOND[h] as number,
  );
}

function traceId(bytes: Uint8Array, at: number): string {
  const a = bytes[at] as number;
  const b = bytes[at + 1] as number;
  const c = bytes[at + 2] as number;
  const d = bytes[at + 3] as number;
  const e = bytes[at + 4] as number;
  const f = bytes[at + 5] as number;
  const g = bytes[at + 6] as number;
  const h = bytes[at + 7] as number;
  const i = bytes[at + 8] as number;
  const j = bytes[at + 9] as number;
  const k = bytes[at + 10] as number;
  const l = bytes[at + 11] as number;
  const m = bytes[at + 12] as number;
  const n = bytes[at + 13] as number;
  const o = bytes[at + 14] as number;
  const p = bytes[at + 15] as number;
  // prettier-ignore
  return String.fromCharCode(
    FIRST[a] as number, SECOND[a] as number, FIRST[b] as number, SECOND[b] as number, FIRST[c] as number, SECOND[c] as number, FIRST[d] as number, SECOND[d] as number,
    FIRST[e] as number, SECOND[e] as number, FIRST[f] as number, SECOND[f] as number, FIRST[g] as number, SECOND[g] as number, FIRST[h] as number, SECOND[h] as number,
    FIRST[i] as number, SECOND[i] as number, FIRST[j] as number, SECOND[j] as number, FIRST[k] as number, SECOND[k] as number, FIRST[l] as number, SECOND[l] as number,
    FIRST[m] as number, SECOND[m] as number, FIRST[n] as number, SECOND[n] as number, FIRST[o] as number, SECOND[o] as number, FIRST[p] as number, SECOND[p] as number,
  );
}
