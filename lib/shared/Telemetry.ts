import type { Tracer } from "@opentelemetry/api";

/**
 * What `register` found:
 * - `registered`: at least one pipe is on and is ours.
 * - `already-registered`: an earlier call, or another copy of this package, has done it; this call changed nothing.
 * - `disabled`: both pipes are off.
 * - `foreign-provider`: somebody else's OpenTelemetry globals came first; nothing of theirs was replaced, and what
 *   can work beside them does.
 * - `release`: this is the release build, which holds no telemetry.
 */
export type TelemetryStatus =
  "registered" | "already-registered" | "disabled" | "foreign-provider" | "release";

/** What `register` returns. */
export interface Telemetry {
  readonly status: TelemetryStatus;
  /** One sentence: why this status, and why a pipe is off. */
  readonly reason: string;
  /** The tier's OpenTelemetry tracer; the API's no-op where there is none. */
  readonly tracer: Tracer;
}
