/** 200 spans a second for a minute, against a collector that answers and one that is dead, at the same time. */
import { installOurs } from "./support/install.mjs";
import { report } from "./support/results.mjs";
import { round } from "./support/statistics.mjs";
import { startFarEnd, takeTurns } from "./support/turns.mjs";

const seconds =
  process.argv.find((argument) => argument.startsWith("--seconds="))?.split("=")[1] ?? "60";
const project = installOurs();
const farEnd = await startFarEnd();
const cpuAgainst = async (url) => {
  const [result] = (
    await takeTurns({
      project,
      variants: ["ours"],
      job: "outage",
      rounds: 1,
      warmUp: 0,
      url,
      env: { BENCH_SECONDS: seconds },
    })
  ).get("ours");
  return result;
};
// Nobody listens at the discard port; both run at once, so that the rest of the machine hits both.
const [live, dead] = await Promise.all([cpuAgainst(farEnd.url), cpuAgainst("http://127.0.0.1:9")]);
farEnd.close();
report("outage", [
  { collector: "live", "CPU ms": round(live.cpu), "× live": 1, lost: live.lost },
  {
    collector: "dead",
    "CPU ms": round(dead.cpu),
    "× live": round(dead.cpu / live.cpu),
    lost: dead.lost,
  },
]);
