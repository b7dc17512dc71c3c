import { HttpProblem } from "./http.js";

/** Maximum nesting of objects and arrays. OTLP itself needs 15; walking far deeper ones could exhaust the stack. */
const MAX_DEPTH = 64;
/** Maximum members of objects and arrays in a body: 10,000 spans of 100. Each takes up to 100 bytes of memory. */
const MAX_MEMBERS = 1_000_000;
const [QUOTE = 0, COMMA, OPEN_ARRAY, BACKSLASH, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] =
  Buffer.from('",[\\]{}');

/** Parses a body; throws an HttpProblem that says what is wrong with it. */
export function parseJson(body: Buffer): unknown {
  const { depth, members } = measureJson(body);
  if (depth > MAX_DEPTH)
    throw new HttpProblem(400, `The body nests objects deeper than ${MAX_DEPTH} levels.`);
  if (members > MAX_MEMBERS)
    throw new HttpProblem(413, `The body has over ${MAX_MEMBERS} members; send smaller batches.`);
  try {
    return JSON.parse(body.toString("utf8")) as unknown;
  } catch (error) {
    throw new HttpProblem(400, `The body is not JSON: ${(error as Error).message}`);
  }
}

/**
 * Measures how deeply JSON nests objects and arrays, with an upper bound of their members. Scans without allocating,
 * because parsing a text of brackets takes eighty times its size in memory. Invalid JSON also gets some result.
 */
export function measureJson(text: Uint8Array): { depth: number; members: number } {
  let [level, depth, members] = [0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const byte = text[i];
    if (byte === QUOTE) i = endOfString(text, i);
    else if (byte === COMMA) members++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) level--;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      members++;
      depth = Math.max(depth, ++level);
    }
  }
  return { depth, members };
}

/** The index of the quote that closes the string opened at `start`; the length of the text if there is none. */
function endOfString(text: Uint8Array, start: number): number {
  for (let end = text.indexOf(QUOTE, start + 1); end !== -1; end = text.indexOf(QUOTE, end + 1)) {
    let escapes = 0;
    while (text[end - 1 - escapes] === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
