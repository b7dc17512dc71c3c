import { HttpProblem } from "./HttpProblem.js";

/** Objects and arrays inside each other; OTLP itself needs eight, and walking deeper ones could exhaust the stack. */
const MAX_DEPTH = 64;

/** Parses a body, or throws an HttpProblem 400 that says what is wrong with it. */
export function parseJson(body: Buffer): unknown {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8")) as unknown;
  } catch (error) {
    throw new HttpProblem(400, `The body is not JSON: ${error instanceof Error ? error.message : "unreadable"}`);
  }
  if (isDeeper(value, MAX_DEPTH)) throw new HttpProblem(400, `The body nests objects deeper than ${MAX_DEPTH} levels.`);
  return value;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  for (const member of Object.values(value)) {
    if (isDeeper(member, levels - 1)) return true;
  }
  return false;
}
