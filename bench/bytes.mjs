/** What each span allocates. The young generation is made so large that nothing is collected meanwhile;
 * nothing is optimised, since what V8 leaves out then, and when, differs from run to run. */
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
  job: "bytes",
  rounds: 31,
  warmUp: 12,
  url: farEnd.url,
  execArgv: ["--max-semi-space-size=256", "--min-semi-space-size=256", "--no-opt"],
});
farEnd.close();
const baseline = summary(results.get(variants[0])).median;
report(
  "bytes",
  variants.map((variant) => {
    const { median, low, high } = summary(results.get(variant));
    return {
      what: "bytes allocated by each span",
      variant,
      median: round(median),
      quartiles: `${round(low)}–${round(high)}`,
      "× baseline": round(median / baseline, 3),
    };
  }),
);
