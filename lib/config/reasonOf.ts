import type { Gate } from "./Configuration.js";
import type { Pipe } from "../shared/Stats.js";

/** Says in one sentence why nothing is sent. */
export function reasonOff({ posthog, otlp }: Readonly<Record<Pipe, Gate>>): string {
  if (posthog.cause === otlp.cause) return `Nothing is sent: ${otlp.cause}.`;
  return `Nothing is sent: ${posthog.cause} (posthog); ${otlp.cause} (otlp).`;
}

/**
 * Says in one sentence what a registered tier sends, and why.
 *
 * @param foreign The OpenTelemetry globals that somebody else had already set.
 * @param more Further clauses, appended after those about the pipes.
 */
export function reasonOf(
  tier: string,
  gates: Readonly<Record<Pipe, Gate>>,
  foreign: readonly string[],
  ...more: readonly string[]
): string {
  const pipes = [gates.posthog.reason, gates.otlp.reason, ...more].join("; ");
  if (foreign.length === 0) return `Registered as ${tier}: ${pipes}.`;
  return `OpenTelemetry globals that others set first are kept (${foreign.join(", ")}); the rest works as far as it can: ${pipes}.`;
}
