/**
 * A 256-bit digest in hex: eight rounds of FNV-1a, each starting from the previous result. Browsers compute SHA-256
 * only asynchronously, and an event's id is needed at once; the span ids that it is made from are random already.
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
