/**
 * Loading the rest after start: the longest block of the event loop from `register` until all that is loaded later is
 * there and both pipes have delivered, relative to bare Node's start-up time in the same run. `--runs=7`, `--keep`.
 */
import { fork, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installOurs } from "./support/install.mjs";
import { count, pipesTo } from "./support/options.mjs";
import { budget, report } from "./support/results.mjs";
import { round, summary, times } from "./support/statistics.mjs";
import { startReceiver } from "./support/turns.mjs";

const RUNS = count("runs", 7);
const project = installOurs();
// Inside the project, so that it finds the package as an application does.
const program = join(project, "loading.cjs");
copyFileSync(fileURLToPath(new URL("programs/loading.cjs", import.meta.url)), program);
const bare = join(project, "bare-loading.cjs");
writeFileSync(
  bare,
  `process._rawDebug(String(performance.now())); process.kill(process.pid, "SIGKILL");`,
);

const receiver = await startReceiver();
const spool = mkdtempSync(join(tmpdir(), "land-bench-"));
const env = {
  ...pipesTo(receiver.url, spool),
  HOME: spool,
  Buffer: "1500",
  OTEL_BSP_SCHEDULE_DELAY: "2000",
};

const starts = [];
const longest = { bare: [], ours: [] };
for (let run = 0; run < RUNS; run++) {
  starts.push(Number(spawnSync(process.execPath, [bare], { encoding: "utf8" }).stderr));
  for (const kind of run % 2 === 0 ? ["bare", "ours"] : ["ours", "bare"]) {
    const child = fork(program, [kind], { env });
    const { blocks, stats } = await new Promise((resolve, reject) =>
      child
        .once("message", resolve)
        .once("exit", (code) => reject(new Error(`The program ended with ${code}.`))),
    );
    child.removeAllListeners("exit");
    child.kill("SIGKILL");
    if (kind === "ours" && (stats.otlp.delivered === 0 || stats.posthog.delivered === 0))
      throw new Error("The pipes have not delivered: not all is loaded.");
    longest[kind].push(Math.max(0, ...blocks.map(({ ms }) => ms)));
  }
}
receiver.close();
rmSync(spool, { recursive: true, force: true });

report(
  "loading",
  Object.entries(longest).map(([program, values]) => {
    const { median, low, high } = summary(values);
    return {
      program,
      "longest block, ms": round(median, 1),
      quartiles: `${round(low, 1)}–${round(high, 1)}`,
      "× bare Node's start": round(times(values, starts)),
    };
  }),
  {
    budgets: [
      budget(
        "longest block after start, × bare Node's start",
        round(times(longest.ours, starts)),
        2,
      ),
    ],
    "bare Node's start, ms": String(round(summary(starts).median, 1)),
  },
);
