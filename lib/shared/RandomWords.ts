import { RandomPool } from "./RandomPool.js";

/** The state, which is also the seed. */
const SEED_BYTES = 16;

/**
 * Random words by xoshiro128++ (Blackman and Vigna, 2018), with a seed from the system: ids must be unlike each other,
 * not unpredictable, and bytes of the system itself take a span 0.2 µs more. `Math.random` may be anybody's: a host
 * may have replaced it, to have its own numbers again.
 */
export class RandomWords {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param seed 16 bytes. Default: of the system. */
  constructor(seed: Uint8Array = ofSystem()) {
    const words = new DataView(seed.buffer, seed.byteOffset, SEED_BYTES);
    this.#a = words.getInt32(0, true);
    this.#b = words.getInt32(4, true);
    this.#c = words.getInt32(8, true);
    // A state of zeros alone would never become another.
    this.#d = words.getInt32(12, true) || 1;
  }

  /** 32 bits, as a signed integer: what V8 keeps without an object of its own. */
  next(): number {
    const a = this.#a;
    const b = this.#b;
    const sum = (a + this.#d) | 0;
    const c = this.#c ^ a;
    const d = this.#d ^ b;
    this.#a = a ^ d;
    this.#b = b ^ c;
    this.#c = c ^ (b << 9);
    this.#d = (d << 11) | (d >>> 21);
    return (((sum << 7) | (sum >>> 25)) + a) | 0;
  }
}

function ofSystem(): Uint8Array {
  const pool = new RandomPool(SEED_BYTES);
  const start = pool.take(SEED_BYTES);
  return pool.bytes.subarray(start, start + SEED_BYTES);
}
