import { report } from "../shared/report.js";
import type { Pipe } from "../shared/Stats.js";
import type { DeliveryStats } from "./DeliveryStats.js";

/** Maximum characters of an endpoint's message that are repeated, because it can contain what was sent. */
const MAX_WORDS = 200;

/** Reports that a part that is loaded later cannot be used: its file may be gone, cut short or of another version. */
export function reportMissing(part: string, items: string, error: unknown): void {
  const [reason = ""] = String(error).split("\n");
  report("warn", `${part} cannot be used (${reason}); ${items} are sent without it.`);
}

/** Reports that an outage began. Call the result to report its end, its length and how much was spooled and dropped. */
export function reportOutage(
  pipe: Pipe,
  url: string,
  reason: string,
  stats: DeliveryStats,
): (outageMs: number) => void {
  const endpoint = endpointOf(pipe, url);
  const before = stats.totals();
  const until = "it is kept and will be sent when the endpoint is back.";
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

/** Reports that telemetry is refused for good, with the endpoint's message if there is one. */
export function reportRefusal(
  pipe: Pipe,
  url: string,
  reason: string,
  words: string | undefined,
): void {
  // Quoted as JSON, so that no reply can forge a log line.
  const said = words === undefined ? "" : `: ${JSON.stringify(words.slice(0, MAX_WORDS))}`;
  report(
    "warn",
    `${endpointOf(pipe, url)} permanently refuses some telemetry (${reason})${said}; it is dropped and counted, and this is reported only once.`,
  );
}

/** Only the host of the URL is named, because the rest may contain a key. */
function endpointOf(pipe: Pipe, url: string): string {
  return `${pipe} at ${URL.canParse(url) ? new URL(url).host : "an unusable URL"}`;
}
