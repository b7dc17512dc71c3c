import type { Gate } from "./Configuration.js";
import type { Pipe } from "../shared/Stats.js";

/** Why nothing is sent, in one sentence. */
export function reasonOff({ posthog, otlp }: Readonly<Record<Pipe, Gate>>): string {
  if (posthog.cause === otlp.cause) return `Nothing is sent: ${otlp.cause}.`;
  return `Nothing is sent: ${posthog.cause} (posthog); ${otlp.cause} (otlp).`;
}

/**
 * Why a registered tier sends what it sends, in one sentence.
 *
 * @param foreign The OpenTelemetry globals that somebody else had set before.
 * @param more What else to say, after the pipes.
 */
export function reasonOf(
  tier: string,
  gates: Readonly<Record<Pipe, Gate>>,
  foreign: readonly string[],
  ...more: readonly string[]
): string {
  const pipes = [gates.posthog.reason, gates.otlp.reason, ...more].join("; ");
  if (foreign.length === 0) return `Registered as ${tier}: ${pipes}.`;
  return `Somebody else's OpenTelemetry ${foreign.join(", ")} came first and stays; events and what else can work does: ${pipes}.`;
}
