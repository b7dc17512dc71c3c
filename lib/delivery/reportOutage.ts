import type { Pipe } from "../shared/Stats.js";
import type { Ledger } from "./Ledger.js";
import { say } from "./say.js";

/** Says that an outage began, and gives what says that it is over: how long it was, and what became of the telemetry in it. */
export function reportOutage(
  pipe: Pipe,
  url: string,
  reason: string,
  ledger: Ledger,
): (outageMs: number) => void {
  // Not the whole URL, which may hold a key.
  const host = URL.canParse(url) ? new URL(url).host : "an unusable URL";
  const before = books(ledger);
  say(
    "warn",
    `${pipe} at ${host} does not take telemetry (${reason}); it is kept and sent when it is back.`,
  );
  return (outageMs) => {
    const now = books(ledger);
    say(
      "info",
      `${pipe} at ${host} is back after ${(outageMs / 1_000).toFixed(1)} s; ` +
        `spooled meanwhile: ${now.everSpooled - before.everSpooled}, dropped: ${now.dropped - before.dropped}.`,
    );
  };
}

function books(ledger: Ledger): { readonly everSpooled: number; readonly dropped: number } {
  let dropped = 0;
  for (const count of Object.values(ledger.stats().dropped)) dropped += count;
  return { everSpooled: ledger.everSpooled, dropped };
}
