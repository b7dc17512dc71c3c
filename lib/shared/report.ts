import { diag } from "@opentelemetry/api";
import { attempt } from "./attempt.js";
import { untraced } from "./untraced.js";

let isReporting = false;

/**
 * Writes one line through `diag`. The logger behind it is the host's: what it throws is ignored, what it does is not
 * traced, and what it makes this package say in turn is left out, since that would not end.
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
