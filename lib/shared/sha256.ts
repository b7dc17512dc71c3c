const BLOCK_BYTES = 64;
const ROUNDS = 64;
/** Where the length stands in the last block. */
const LENGTH_AT = 56;

/**
 * SHA-256 (FIPS 180-4) of a text in UTF-8, in hex. For the short texts that identities are made of: here, because
 * loading node:crypto costs a process more time at its start than everything else that `register` does.
 */
export function sha256(text: string): string {
  const { initial, constants } = (tables ??= makeTables());
  const hash = Uint32Array.from(initial);
  const blocks = pad(Buffer.from(text, "utf8"));
  const words = new Uint32Array(ROUNDS);
  for (let offset = 0; offset < blocks.length; offset += BLOCK_BYTES) {
    for (let round = 0; round < ROUNDS; round++) words[round] = round < 16 ? blocks.readUInt32BE(offset + round * 4) : extend(words, round);
    compress(hash, words, constants);
  }
  return Array.from(hash, (word) => word.toString(16).padStart(8, "0")).join("");
}

interface Tables {
  readonly initial: Uint32Array;
  readonly constants: Uint32Array;
}

let tables: Tables | undefined;

/** The first 32 bits of the fractional parts of the square and cube roots of the first primes. */
function makeTables(): Tables {
  const primes: number[] = [];
  for (let candidate = 2; primes.length < ROUNDS; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  const fraction = (root: number): number => Math.floor((root - Math.floor(root)) * 2 ** 32);
  return { initial: Uint32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime))), constants: Uint32Array.from(primes, (prime) => fraction(Math.cbrt(prime))) };
}

function pad(message: Buffer): Buffer {
  const length = Math.ceil((message.length + 1 + BLOCK_BYTES - LENGTH_AT) / BLOCK_BYTES) * BLOCK_BYTES;
  const padded = Buffer.alloc(length);
  message.copy(padded);
  padded[message.length] = 0x80;
  // Texts of 512 MB and more, whose length in bits needs the upper half, do not come here.
  padded.writeUInt32BE(message.length * 8, length - 4);
  return padded;
}

function extend(words: Uint32Array, round: number): number {
  const early = words[round - 15] ?? 0;
  const late = words[round - 2] ?? 0;
  const sigma0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
  const sigma1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
  return (words[round - 16] ?? 0) + sigma0 + (words[round - 7] ?? 0) + sigma1;
}

function compress(hash: Uint32Array, words: Uint32Array, constants: Uint32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash;
  for (let round = 0; round < ROUNDS; round++) {
    const choice = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const first = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + (constants[round] ?? 0) + (words[round] ?? 0)) | 0;
    const second = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => (hash[index] = (hash[index] ?? 0) + word));
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}
