/** What each span holds until its batch is exported. */
import { installOurs } from "./support/install.mjs";
import { report } from "./support/results.mjs";
import { round, summary } from "./support/statistics.mjs";
import { startFarEnd, takeTurns } from "./support/turns.mjs";

const variants = ["bare", "ours"];
const project = installOurs();
const farEnd = await startFarEnd();
const results = await takeTurns({
  project,
  variants,
  job: "pending",
  rounds: 31,
  warmUp: 12,
  url: farEnd.url,
});
farEnd.close();
const baseline = summary(results.get(variants[0])).median;
report(
  "memory",
  variants.map((variant) => {
    const { median, low, high } = summary(results.get(variant));
    return {
      what: "bytes of each span that waits",
      variant,
      median: round(median),
      quartiles: `${round(low)}–${round(high)}`,
      "× baseline": round(median / baseline, 3),
    };
  }),
);
