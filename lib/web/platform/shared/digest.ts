/**
 * 256 bits of a text, in hex, by eight rounds of FNV-1a that start from each other's results. The texts are ids of spans,
 * which are random already; browsers compute SHA-256 in a promise only, and an event needs its identity at once.
 */
export function digest(text: string): string {
  let hex = "";
  let hash = 0x811c9dc5;
  for (let round = 0; round < 8; round++) {
    for (let index = 0; index < text.length; index++)
      hash = Math.imul(hash ^ text.charCodeAt(index) ^ (round << 8), 0x01000193);
    hex += (hash >>> 0).toString(16).padStart(8, "0");
  }
  return hex;
}
