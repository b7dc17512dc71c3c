import { UsageError } from "./Command.js";

/** The number of an option, or a UsageError that says which one is wrong. */
export function positiveNumber(name: string, text: string, max = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value <= 0 || value > max)
    throw new UsageError(
      `--${name} is ${JSON.stringify(text)}; a number from 1 to ${max} is accepted.`,
    );
  return value;
}
