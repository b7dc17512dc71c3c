import { diag } from "@opentelemetry/api";
import { attempt } from "../shared/attempt.js";
import type { Pipe } from "../shared/Stats.js";
import type { DeliveryStats } from "./DeliveryStats.js";

/** Writes one line through `diag`. A logger that throws is the host's, and no reason to fail. */
export function report(level: "warn" | "info", message: string): void {
  attempt(() => diag[level](`land-telemetry: ${message}`));
}

/** Reports that an outage began. The result reports its end: how long it was, and what became of the telemetry in it. */
export function reportOutage(
  pipe: Pipe,
  url: string,
  reason: string,
  stats: DeliveryStats,
): (outageMs: number) => void {
  // The rest of the URL may hold a key.
  const endpoint = `${pipe} at ${URL.canParse(url) ? new URL(url).host : "an unusable URL"}`;
  const before = stats.totals();
  const until = "it is kept and sent when it is back.";
  report("warn", `${endpoint} does not take telemetry (${reason}); ${until}`);
  return (outageMs) => {
    const { spooled, dropped } = stats.totals();
    report(
      "info",
      `${endpoint} is back after ${(outageMs / 1_000).toFixed(1)} s; ` +
        `spooled meanwhile: ${spooled - before.spooled}, dropped: ${dropped - before.dropped}.`,
    );
  };
}
