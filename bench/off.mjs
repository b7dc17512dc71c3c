/** What a call costs while everything is off, against the API's own no-op span. */
import { installOurs } from "./support/install.mjs";
import { report } from "./support/results.mjs";
import { round, summary } from "./support/statistics.mjs";
import { startFarEnd, takeTurns } from "./support/turns.mjs";

const variants = ["api startSpan", "off withSpan", "off captureEvent"];
const project = installOurs();
const farEnd = await startFarEnd();
const results = await takeTurns({
  project,
  variants,
  job: "off",
  rounds: 31,
  warmUp: 12,
  url: farEnd.url,
});
farEnd.close();
const baseline = summary(results.get(variants[0])).median;
report(
  "off",
  variants.map((variant) => {
    const { median, low, high } = summary(results.get(variant));
    return {
      what: "ns a call, nothing registered",
      variant,
      median: round(median),
      quartiles: `${round(low)}–${round(high)}`,
      "× baseline": round(median / baseline, 3),
    };
  }),
);
