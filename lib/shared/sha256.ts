const BLOCK_BYTES = 64;
const ROUNDS = 64;
/** A one and the length in bits come after the message. */
const TAIL_BYTES = 9;

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes, and of the square roots of the first 8. */
/** As 32-bit numbers: half of them are negative then, and none is a float. */
const CONSTANTS = Int32Array.from(
  [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
  ].map((constant) => constant | 0),
);
const INITIAL = Int32Array.from(
  [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  ].map((constant) => constant | 0),
);

/** Room for the texts that come by the thousand: the ids of a span and the name of an event. */
const SHORT_BYTES = 4 * BLOCK_BYTES;
/** The bytes of one UTF-16 unit in UTF-8, at most. */
const BYTES_A_UNIT = 3;
const HASH_BYTES = 32;

/** Used for one text after the other: to make them anew takes as long as to hash a short one. */
let scratch:
  | {
      readonly blocks: Buffer;
      readonly hash: Int32Array;
      readonly words: Int32Array;
      readonly digest: Buffer;
    }
  | undefined;

/**
 * SHA-256 (FIPS 180-4) of a text in UTF-8, in hex. For the short texts that identities are made of: here, because
 * loading node:crypto costs a process more time at its start than everything else that `register` does.
 */
export function sha256(text: string): string {
  scratch ??= {
    blocks: Buffer.alloc(SHORT_BYTES),
    hash: new Int32Array(INITIAL.length),
    words: new Int32Array(ROUNDS),
    digest: Buffer.alloc(HASH_BYTES),
  };
  const { hash, words, digest } = scratch;
  const isShort = text.length * BYTES_A_UNIT + TAIL_BYTES <= SHORT_BYTES;
  const room = isShort
    ? scratch.blocks
    : Buffer.alloc(Buffer.byteLength(text) + BLOCK_BYTES + TAIL_BYTES);
  const length = room.write(text, "utf8");
  const end = Math.ceil((length + TAIL_BYTES) / BLOCK_BYTES) * BLOCK_BYTES;
  room[length] = 0x80;
  room.fill(0, length + 1, end);
  // Texts of 512 MB and more, whose length in bits needs the upper half, do not come here.
  room.writeUInt32BE(length * 8, end - 4);
  hash.set(INITIAL);
  for (let offset = 0; offset < end; offset += BLOCK_BYTES) compress(hash, words, room, offset);
  for (let index = 0; index < hash.length; index++)
    digest.writeInt32BE(hash[index] as number, index * 4);
  return digest.toString("hex");
}

/** Written out: it also runs where nothing has been compiled yet, and a call per rotation is most of its time there. */
function compress(hash: Int32Array, words: Int32Array, blocks: Buffer, offset: number): void {
  let a = hash[0] as number;
  let b = hash[1] as number;
  let c = hash[2] as number;
  let d = hash[3] as number;
  let e = hash[4] as number;
  let f = hash[5] as number;
  let g = hash[6] as number;
  let h = hash[7] as number;
  for (let round = 0; round < ROUNDS; round++) {
    let word: number;
    if (round < 16) {
      const at = offset + round * 4;
      word =
        ((blocks[at] as number) << 24) |
        ((blocks[at + 1] as number) << 16) |
        ((blocks[at + 2] as number) << 8) |
        (blocks[at + 3] as number);
    } else {
      const early = words[round - 15] as number;
      const late = words[round - 2] as number;
      const sigma0 =
        ((early >>> 7) | (early << 25)) ^ ((early >>> 18) | (early << 14)) ^ (early >>> 3);
      const sigma1 =
        ((late >>> 17) | (late << 15)) ^ ((late >>> 19) | (late << 13)) ^ (late >>> 10);
      word = ((words[round - 16] as number) + sigma0 + (words[round - 7] as number) + sigma1) | 0;
    }
    words[round] = word;
    const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + sum1 + ((e & f) ^ (~e & g)) + (CONSTANTS[round] as number) + word) | 0;
    const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const second = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  hash[0] = (hash[0] as number) + a;
  hash[1] = (hash[1] as number) + b;
  hash[2] = (hash[2] as number) + c;
  hash[3] = (hash[3] as number) + d;
  hash[4] = (hash[4] as number) + e;
  hash[5] = (hash[5] as number) + f;
  hash[6] = (hash[6] as number) + g;
  hash[7] = (hash[7] as number) + h;
}
