/** 100,000 spans in one tick, in a fresh process each time: the tick's duration, the memory it adds, the spans lost. */
import { installOurs } from "./support/install.mjs";
import { count } from "./support/options.mjs";
import { budget, report } from "./support/results.mjs";
import { median, round, times } from "./support/statistics.mjs";
import { startReceiver, takeTurns } from "./support/turns.mjs";

const RUNS = count("runs", 7);
const variants = ["bare", "ours"];
const project = installOurs();
const receiver = await startReceiver();
const results = new Map(variants.map((variant) => [variant, []]));
for (let run = 0; run < RUNS; run++) {
  for (const [variant, [result]] of await takeTurns({
    project,
    variants,
    job: "burst",
    rounds: 1,
    warmUp: 0,
    url: receiver.url,
  }))
    results.get(variant).push(result);
}
receiver.close();
const ms = (variant) => results.get(variant).map((result) => result.ms);
const rows = variants.map((variant) => {
  const of = (key) => median(results.get(variant).map((result) => result[key]));
  return {
    variant,
    "tick ms": round(of("ms"), 0),
    "MB over the start": round(of("mb"), 1),
    lost: Math.max(...results.get(variant).map(({ lost }) => lost)),
  };
});
const ours = rows.at(-1);
report("burst", rows, {
  budgets: [
    budget("lost of 100,000 in one tick", ours.lost, 0),
    budget("MB over the start", ours["MB over the start"], 64),
    budget("the tick, × bare SDK", round(times(ms("ours"), ms("bare"))), 4),
  ],
});
