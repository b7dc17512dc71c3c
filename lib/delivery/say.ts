import { diag } from "@opentelemetry/api";

/** Says one line through `diag`; a logger that throws is the host's, and no reason to fail. */
export function say(level: "warn" | "info", message: string): void {
  try {
    diag[level](`land-telemetry: ${message}`);
  } catch {
    // Nobody left to tell.
  }
}
