/** 100,000 spans in one tick, in a fresh process each time: how long the tick takes, what it holds, what is lost. */
import { installOurs } from "./support/install.mjs";
import { report } from "./support/results.mjs";
import { median, round } from "./support/statistics.mjs";
import { startFarEnd, takeTurns } from "./support/turns.mjs";

const RUNS = 7;
const variants = ["bare", "ours"];
const project = installOurs();
const farEnd = await startFarEnd();
const results = new Map(variants.map((variant) => [variant, []]));
for (let run = 0; run < RUNS; run++) {
  for (const [variant, [result]] of await takeTurns({
    project,
    variants,
    job: "burst",
    rounds: 1,
    warmUp: 0,
    url: farEnd.url,
  }))
    results.get(variant).push(result);
}
farEnd.close();
const baseline = median(results.get("bare").map(({ ms }) => ms));
report(
  "burst",
  variants.map((variant) => {
    const of = (key) => median(results.get(variant).map((result) => result[key]));
    return {
      variant,
      "tick ms": round(of("ms"), 0),
      "× baseline": round(of("ms") / baseline),
      "MB over the start": round(of("mb"), 1),
      lost: Math.max(...results.get(variant).map(({ lost }) => lost)),
    };
  }),
);
