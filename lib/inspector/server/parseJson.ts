import { HttpProblem } from "./http.js";

/** Objects and arrays inside each other; OTLP itself needs eight, and walking deeper ones could exhaust the stack. */
const MAX_DEPTH = 64;
/** Members of objects and arrays in one body, which is 10,000 spans of 100; each takes up to a hundred bytes of memory. */
const MAX_MEMBERS = 1_000_000;
const [QUOTE = 0, COMMA, OPEN_ARRAY, BACKSLASH, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] =
  Buffer.from('",[\\]{}');

/** Parses a body, or throws an HttpProblem that says what is wrong with it. */
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
 * How deep a text nests objects and arrays, and how many members they have at most. Walks over it without making
 * anything: a text of brackets takes eighty times its size to parse. Text that is no JSON gets some measure too.
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

/** The place of the quote that ends the string that begins at a place. */
function endOfString(text: Uint8Array, start: number): number {
  for (let end = text.indexOf(QUOTE, start + 1); end !== -1; end = text.indexOf(QUOTE, end + 1)) {
    let escapes = 0;
    while (text[end - 1 - escapes] === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
