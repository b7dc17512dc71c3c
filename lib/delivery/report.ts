import { report } from "../shared/report.js";
import type { Pipe } from "../shared/Stats.js";
import type { DeliveryStats } from "./DeliveryStats.js";

/** Characters that are repeated of what an endpoint says; its messages can hold what was sent. */
const MAX_WORDS = 200;

/** Reports that a part cannot be used which is loaded later: its file may be gone, cut short or of another version. */
export function reportMissing(part: string, items: string, error: unknown): void {
  const [reason = ""] = String(error).split("\n");
  report("warn", `${part} cannot be used (${reason}); ${items} are sent without it.`);
}

/** Reports that an outage began. The result reports its end: how long it was, and what became of the telemetry in it. */
export function reportOutage(
  pipe: Pipe,
  url: string,
  reason: string,
  stats: DeliveryStats,
): (outageMs: number) => void {
  const endpoint = endpointOf(pipe, url);
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

/** Reports that a kind of data is refused for good, in the endpoint's own words where it has any. */
export function reportRefusal(
  pipe: Pipe,
  url: string,
  reason: string,
  words: string | undefined,
): void {
  // Quoted as JSON, so that no reply can forge a line of a log.
  const said = words === undefined ? "" : `: ${JSON.stringify(words.slice(0, MAX_WORDS))}`;
  report(
    "warn",
    `${endpointOf(pipe, url)} refuses telemetry for good (${reason})${said}; that is dropped and counted, and not reported again.`,
  );
}

/** The rest of a URL may hold a key. */
function endpointOf(pipe: Pipe, url: string): string {
  return `${pipe} at ${URL.canParse(url) ? new URL(url).host : "an unusable URL"}`;
}
