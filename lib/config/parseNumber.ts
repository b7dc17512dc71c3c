import { diagnoseSetting } from "../shared/diagnose.js";

/** setTimeout overflows above this and fires at once; no number here means more than that. */
const LARGEST = 2 ** 31 - 1;

/** Reads a positive finite number; empty and unset are undefined, anything else is reported and taken as unset. */
export function parseNumber(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" && value.trim() === "") return undefined;
  const number =
    typeof value === "number" || typeof value === "string" ? Number(value) : Number.NaN;
  if (Number.isFinite(number) && number > 0 && number <= LARGEST) return number;
  diagnoseSetting(name, value, `a number above 0 and up to ${LARGEST}`, "It is taken as unset.");
  return undefined;
}
