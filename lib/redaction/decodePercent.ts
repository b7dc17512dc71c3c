import { Bit, has } from "./characters.js";
import { percentCode } from "./percent.js";
import type { Text } from "./Text.js";

const PERCENT = 37;
const ENCODED = 3;
const ASCII = 128;
const LATIN = 256;

/**
 * What percent signs stand for, once; a run that is no text stays. Written code by code, since hostile text has as many
 * runs as it can: to put together a string of as many parts would cost as much as all the rules.
 */
export function decodePercent(text: Text): string {
  const { length } = text;
  const codes = new Uint16Array(length);
  let at = 0;
  let all = 0;
  for (let index = 0; index < length;) {
    const code = text.at(index);
    const end = code === PERCENT ? runEnd(text, index) : index;
    if (end === index) {
      all |= codes[at++] = code;
      index++;
      continue;
    }
    const start = at;
    let bytes = 0;
    for (let byte = index + ENCODED; byte <= end; byte += ENCODED)
      bytes |= codes[at++] = percentCode(text, byte);
    all |= bytes;
    if (bytes >= ASCII) {
      const decoded = decodeRun(text.source.slice(index, end));
      at = start;
      for (let unit = 0; unit < decoded.length; unit++)
        all |= codes[at++] = decoded.charCodeAt(unit);
    }
    index = end;
  }
  if (at === length) return text.source;
  const written = codes.subarray(0, at);
  // One byte for each character where that is enough: the text is then searched faster.
  return all < LATIN
    ? Buffer.from(written).toString("latin1")
    : Buffer.from(written.buffer, 0, 2 * at).toString("utf16le");
}

/** The end of the encoded bytes that follow each other at `index`. */
function runEnd(text: Text, index: number): number {
  let end = index;
  while (
    text.at(end) === PERCENT &&
    has(text.at(end + 1), Bit.Hex) &&
    has(text.at(end + 2), Bit.Hex)
  )
    end += ENCODED;
  return end;
}

/** Bytes outside ASCII, as UTF-8 has them. */
function decodeRun(run: string): string {
  try {
    return decodeURIComponent(run);
  } catch {
    return run;
  }
}
