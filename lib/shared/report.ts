import { diag } from "@opentelemetry/api";
import { attempt } from "./attempt.js";
import { untraced } from "./untraced.js";

let isReporting = false;

/**
 * Writes one line through `diag`. The logger behind it is the host's: what it throws is ignored, its work is untraced,
 * and whatever this package would report while it runs is dropped, because that could recurse forever.
 */
export function report(
  level: "error" | "warn" | "info" | "debug",
  message: string,
  ...details: unknown[]
): void {
  if (isReporting) return;
  isReporting = true;
  attempt(() => untraced(() => diag[level](`land-telemetry: ${message}`, ...details)));
  isReporting = false;
}
