/** One tier's run for the dashboards, with fixed durations: `node tier.mjs <tier>`. */
import { setTimeout } from "node:timers/promises";
import { captureError, captureEvent, register, shutdown, withSpan } from "land-telemetry";

const [tier] = process.argv.slice(2);
register({ tier, throttle: { perSecond: 12, completionsPerSecond: 5 } });
for (const durationMs of [2, 3, 4, 5, 6])
  captureEvent(`land:${tier}:handler:complete`, {
    feature: "$readFile",
    duration_ms: durationMs,
    ok: durationMs < 6,
  });
if (tier === "cocoon") {
  // Beyond five a second they are summarised in one event.
  for (let run = 1; run <= 20; run++)
    captureEvent("land:cocoon:handler:complete", {
      feature: "$readFile",
      duration_ms: run,
      ok: true,
    });
  captureEvent("land:cocoon:entry:load", { entry: "extensions" });
  captureEvent("land:cocoon:entry:loaded", { entry: "extensions", duration_ms: 184 });
  captureEvent("land:cocoon:entry:load", { entry: "debug" });
  captureEvent("land:cocoon:stub:active", { feature: "$setStatusBar", reason: "not in Rust yet" });
  captureError("settings", new TypeError("not an object", { cause: new Error("unreadable") }));
  withSpan("land:cocoon:file:open", () => captureError("open", new RangeError("too long")));
  await Promise.reject(new Error("nobody's")).catch((error) => {
    queueMicrotask(() => void Promise.reject(error));
  });
  process.on("unhandledRejection", () => undefined);
  await setTimeout(1_100);
  for (let times = 0; times < 40; times++) captureError("storm", "the same");
}
await shutdown(5_000);
