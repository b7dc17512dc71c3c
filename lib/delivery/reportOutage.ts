import { diag } from "@opentelemetry/api";
import type { Pipe, PipeStats } from "../shared/Stats.js";

/** Says once that an outage began. */
export function reportOutage(pipe: Pipe, host: string, reason: string): void {
  diag.warn(`land-telemetry: ${pipe} at ${host} does not take telemetry (${reason}); it is kept and sent when it is back.`);
}

/** Says once that an outage is over: how long it was, and what became of the telemetry in it. */
export function reportRecovery(pipe: Pipe, host: string, outageMs: number, before: OutageBooks, now: OutageBooks): void {
  const seconds = (outageMs / 1_000).toFixed(1);
  diag.info(
    `land-telemetry: ${pipe} at ${host} is back after ${seconds} s; ` +
      `spooled meanwhile: ${now.everSpooled - before.everSpooled}, dropped: ${now.dropped - before.dropped}.`,
  );
}

/** The two figures of an outage, as they stand at one moment. */
export interface OutageBooks {
  readonly everSpooled: number;
  readonly dropped: number;
}

/** Sums what was dropped for any reason. */
export function sumDropped({ dropped }: PipeStats): number {
  let sum = 0;
  for (const reason in dropped) sum += dropped[reason] ?? 0;
  return sum;
}
