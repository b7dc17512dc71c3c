import { HttpProblem } from "./HttpProblem.js";
import { measureJson } from "./measureJson.js";

/** Objects and arrays inside each other; OTLP itself needs eight, and walking deeper ones could exhaust the stack. */
const MAX_DEPTH = 64;
/** Members of objects and arrays in one body, which is 10,000 spans of 100; each takes up to a hundred bytes of memory. */
const MAX_MEMBERS = 1_000_000;

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
    throw new HttpProblem(
      400,
      `The body is not JSON: ${error instanceof Error ? error.message : "unreadable"}`,
    );
  }
}
