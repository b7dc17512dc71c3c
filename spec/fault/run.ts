/**
 * The fault suite: real processes and sockets, one table. `--short` is the form that every change runs,
 * `--only=<part of a case's name>` selects a case, and `--fault=<part of its name>` a fault of the far ends. The exit
 * code is 1 if a row misses its bound.
 */
import { rmSync } from "node:fs";
import { CASES } from "./cases/all";
import type { Row } from "./Row";
import { printTable } from "./printTable";
import { faultHome } from "./runJob";

async function main(): Promise<void> {
  const short = process.argv.includes("--short");
  const [only, fault] = [given("only"), given("fault")];
  const rows: Row[] = [];
  const started = performance.now();
  for (const part of CASES) {
    if (!part.name.includes(only)) continue;
    for await (const row of part.run({ short, repeats: short ? 3 : 7, fault })) rows.push(row);
    process.stderr.write(`${part.name}: ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
  }
  printTable(rows);
  const missing = rows.filter(({ misses }) =>
    misses.some((miss) => !timesAreShownOnly || !isTime(miss)),
  );
  const missed = missing.length;
  const slow = rows.filter(({ misses }) => misses.some(isTime)).length;
  process.stdout.write(
    `${rows.length} rows, ${missed} missed${timesAreShownOnly ? `, ${slow} slower than they should be (not judged in CI)` : ""}, ${((performance.now() - started) / 1000).toFixed(0)} s\n`,
  );
  // Printed again at the end, where a truncated log still shows it.
  if (missed > 0) printTable(missing);
  rmSync(faultHome(), { recursive: true, force: true });
  process.exitCode = missed === 0 && rows.length > 0 ? 0 : 1;
}

function given(name: string): string {
  return (
    process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3) ?? ""
  );
}

/**
 * Anything lost, duplicated, miscounted, printed or ended differently fails everywhere. How long an end takes is judged
 * on a developer's machine; in CI, whose machines are shared, the table only shows it.
 */
const timesAreShownOnly = process.env["CI"] !== undefined;

function isTime(miss: string): boolean {
  return /\bms\b|^end$/.test(miss);
}

void main();
