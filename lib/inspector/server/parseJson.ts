import { HttpProblem } from "./http.js";

/** Objects and arrays inside each other; OTLP itself needs eight, and walking deeper ones could exhaust the stack. */
const MAX_DEPTH = 64;
/** Members of objects and arrays in one body, which is 10,000 spans of 100; each takes up to a hundred bytes of memory. */
const MAX_MEMBERS = 1_000_000;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Parses a body, or throws an HttpProblem that says what is wrong with it. */
export function parseJson(body: Buffer): unknown {
  const { depth, members } = measureJson(body);
  if (depth > MAX_DEPTH)
    throw new HttpProblem(400, `The body nests objects deeper than ${MAX_DEPTH} levels.`);
  if (members > MAX_MEMBERS)
    throw new HttpProblem(
      413,
      `The body has more than ${MAX_MEMBERS} members of objects and arrays; send smaller batches.`,
    );
  try {
    return JSON.parse(body.toString("utf8")) as unknown;
  } catch (error) {
    throw new HttpProblem(400, `The body is not JSON: ${(error as Error).message}`);
  }
}

/** What parsing a text would make. */
export interface JsonMeasure {
  /** Objects and arrays inside each other, at the deepest place. */
  readonly depth: number;
  /** Members of objects and arrays, at most. */
  readonly members: number;
}

/**
 * Walks over JSON without making anything of it: a text of brackets takes eighty times its size to parse, so its
 * measures have to be known before. Text that is no JSON at all gets some measure too.
 */
export function measureJson(text: Uint8Array): JsonMeasure {
  let level = 0;
  let depth = 0;
  let members = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text[i]) {
      case QUOTE:
        i = endOfString(text, i);
        break;
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        members++;
        if (++level > depth) depth = level;
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        level--;
        break;
      case COMMA:
        members++;
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
