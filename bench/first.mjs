/**
 * What the first failing span of a process costs, right after `register` and once all that is loaded later is there:
 * its code is compiled then, and its event is on disk before `end` returns. One process per run. `--runs=11`, `--keep`.
 */
import { fork } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installOurs } from "./support/install.mjs";
import { count, pipesTo } from "./support/options.mjs";
import { report } from "./support/results.mjs";
import { round, summary } from "./support/statistics.mjs";
import { startReceiver } from "./support/turns.mjs";

const RUNS = count("runs", 11);
const program = join(installOurs(), "first.cjs");
copyFileSync(fileURLToPath(new URL("programs/first.cjs", import.meta.url)), program);

const receiver = await startReceiver();
const rows = [];
for (const [when, waitMs] of Object.entries({ "right after register": 0, "1 s later": 1_000 })) {
  const told = [];
  for (let run = 0; run < RUNS; run++) {
    const spool = mkdtempSync(join(tmpdir(), "land-bench-"));
    const env = { ...pipesTo(receiver.url, spool), HOME: spool };
    const child = fork(program, [String(waitMs)], { env });
    told.push(
      await new Promise((resolve, reject) =>
        child
          .once("message", resolve)
          .once("exit", (code) => reject(new Error(`The program ended with ${code}.`))),
      ),
    );
    child.removeAllListeners("exit");
    child.kill("SIGKILL");
    rmSync(spool, { recursive: true, force: true });
  }
  for (const [index, error] of ["first", "second", "third"].entries()) {
    const [clock, cpu] = ["ms", "cpuMs"].map((of) => summary(told.map((each) => each[index][of])));
    rows.push({
      when,
      error,
      "CPU, ms": round(cpu.median),
      quartiles: `${round(cpu.low)}–${round(cpu.high)}`,
      "clock, ms": round(clock.median),
    });
  }
}
receiver.close();

report("first", rows);
