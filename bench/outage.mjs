/** 200 spans a second for a minute, to a collector that replies and one that is dead, in parallel. `--seconds=60`. */
import { installOurs } from "./support/install.mjs";
import { NOBODY, option } from "./support/options.mjs";
import { budget, report } from "./support/results.mjs";
import { round } from "./support/statistics.mjs";
import { startReceiver, takeTurns } from "./support/turns.mjs";

const project = installOurs();
const receiver = await startReceiver();
async function cpuAgainst(url) {
  const env = { BENCH_SECONDS: option("seconds", "60") };
  const turns = { project, variants: ["ours"], job: "outage", rounds: 1, warmUp: 0, url, env };
  const [result] = (await takeTurns(turns)).get("ours");
  return result;
}
// In parallel, so that other work on the machine affects both.
const [live, dead] = await Promise.all([cpuAgainst(receiver.url), cpuAgainst(NOBODY)]);
receiver.close();
report(
  "outage",
  [
    { collector: "live", "CPU ms": round(live.cpu), lost: live.lost },
    { collector: "dead", "CPU ms": round(dead.cpu), lost: dead.lost },
  ],
  {
    budgets: [
      budget("CPU against a dead collector, × a live one", round(dead.cpu / live.cpu), 1.1),
      budget("spans lost against a dead collector", dead.lost, 0),
    ],
  },
);
