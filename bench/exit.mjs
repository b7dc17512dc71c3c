/**
 * What spans that have not been exported cost at `process.exit`: they are redacted, serialised and written to disk
 * before the process ends. `--runs=15`, `--keep`.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installOurs } from "./support/install.mjs";
import { count, NOBODY, pipesTo } from "./support/options.mjs";
import { budget, report } from "./support/results.mjs";
import { round, summary } from "./support/statistics.mjs";

const BUDGETS_MS = { 1: 10, 2000: 80 };
const project = installOurs();
// Inside the project, so that it finds the package as an application does.
const program = join(project, "exit.cjs");
copyFileSync(fileURLToPath(new URL("programs/exit.cjs", import.meta.url)), program);

const results = new Map(Object.keys(BUDGETS_MS).map((spans) => [spans, []]));
for (let run = 0; run < count("runs", 15); run++) {
  for (const [spans, values] of results) {
    const spool = mkdtempSync(join(tmpdir(), "land-bench-"));
    const { stderr } = spawnSync(process.execPath, [program, spans], {
      env: pipesTo(NOBODY, spool),
      encoding: "utf8",
    });
    rmSync(spool, { recursive: true, force: true });
    if (!/^[\d.]+\n$/.test(stderr)) throw new Error(stderr);
    values.push(Number(stderr));
  }
}
const rows = [...results].map(([spans, values]) => {
  const { median, low, high } = summary(values);
  return { spans, "exit, ms": round(median, 1), quartiles: `${round(low, 1)}–${round(high, 1)}` };
});
report("exit", rows, {
  budgets: rows.map((row) =>
    budget(`${row.spans} spans at exit, ms`, row["exit, ms"], BUDGETS_MS[row.spans]),
  ),
});
