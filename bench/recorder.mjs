/**
 * What the flight recorder costs: how long a write to a journal blocks, compared with a write of the same size to a
 * plain file; the CPU of short spans with and without it; how long a host waits for the last run's end. `--rounds=5`.
 */
import { spawnSync } from "node:child_process";
import fs, { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installOurs } from "./support/install.mjs";
import { count, NOBODY, pipesTo } from "./support/options.mjs";
import { budget, report } from "./support/results.mjs";
import { median, round } from "./support/statistics.mjs";

const rounds = count("rounds", 5);
const WRITTEN_BYTES = 450;
/** Number of files that a host finds when it asks for the last run. */
const FILES = 10;
const project = installOurs();
// Inside the project, so that it finds the package as an application does.
const program = join(project, "recorder.cjs");
copyFileSync(fileURLToPath(new URL("programs/recorder.cjs", import.meta.url)), program);

const spools = [];
function newSpool() {
  const spool = mkdtempSync(join(tmpdir(), "land-bench-"));
  spools.push(spool);
  return spool;
}
function run(spool, ...args) {
  const { stderr } = spawnSync(process.execPath, [program, ...args], {
    env: pipesTo(NOBODY, spool),
    encoding: "utf8",
  });
  return JSON.parse(stderr.slice(stderr.lastIndexOf("\n") + 1));
}
const at = (values, share) => values.toSorted((a, b) => a - b)[Math.floor(values.length * share)];

/** The durations of `writes` writes to a plain file, in ms. */
function plainWrites(writes) {
  const fd = fs.openSync(join(newSpool(), "plain"), "a");
  const line = Buffer.alloc(WRITTEN_BYTES, "x");
  return Array.from({ length: writes }, () => {
    const began = performance.now();
    fs.writeSync(fd, line);
    return performance.now() - began;
  });
}

const writes = [];
const plain = [];
const cpu = { on: [], off: [] };
const known = { last: [], lastLater: [] };
for (let turn = 0; turn < rounds; turn++) {
  writes.push(...run(newSpool(), "writes", "200", "5").took);
  plain.push(...plainWrites(2_000));
  for (const recorder of turn % 2 === 0 ? ["on", "off"] : ["off", "on"])
    cpu[recorder].push(run(newSpool(), "short", "5000", "5", recorder).cpuPercent);
  const spool = newSpool();
  for (let file = 0; file < FILES; file++) run(spool, "writes", "20", "0.2");
  for (const asked of Object.keys(known)) {
    const { ms, isKnown } = run(spool, asked);
    if (!isKnown) throw new Error("No last run was found.");
    known[asked].push(ms);
  }
}
for (const spool of spools) rmSync(spool, { recursive: true, force: true });

const points = median(cpu.on.map((percent, turn) => percent - cpu.off[turn]));
report(
  "recorder",
  [
    { what: "a write, ms, median", figure: round(at(writes, 0.5), 4) },
    { what: "a write, ms, 99 of 100", figure: round(at(writes, 0.99), 3) },
    { what: "a plain write, ms, 99 of 100", figure: round(at(plain, 0.99), 3) },
    { what: "5,000 short spans a second, % of a core", figure: round(median(cpu.on), 2) },
    { what: "the same without the recorder", figure: round(median(cpu.off), 2) },
    { what: `lastRun with ${FILES} runs, asked at once, ms`, figure: round(median(known.last), 2) },
    { what: "the same after 150 ms, ms", figure: round(median(known.lastLater), 2) },
  ],
  {
    budgets: [
      budget("a write at 200 spans a second, ms, 99 of 100", round(at(writes, 0.99), 3), 0.5),
      budget("5,000 short spans a second, points of a core", round(points, 2), 1),
      budget(`lastRun with ${FILES} runs, ms`, round(median(known.last), 2), 2),
      budget("the same after 150 ms, ms", round(median(known.lastLater), 2), 2),
    ],
  },
);
