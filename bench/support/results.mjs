import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";

/** A figure with its budget; most figures are ratios, so that budgets hold on any machine. */
export const budget = (what, figure, atMost) => ({
  what,
  figure,
  "at most": atMost,
  within: figure <= atMost,
});

/** Prints a part's rows and budgets, and writes them to a file together with the machine they come from. */
export function report(part, rows, { budgets = [], ...notes } = {}) {
  const directory = fileURLToPath(new URL("../results/", import.meta.url));
  mkdirSync(directory, { recursive: true });
  const machine = {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    loadBefore: loadavg()[0],
  };
  writeFileSync(
    `${directory}${part}.json`,
    `${JSON.stringify({ part, machine, rows, budgets, ...notes }, null, 2)}\n`,
  );
  console.table(rows);
  if (budgets.length > 0) console.table(budgets);
  for (const [name, note] of Object.entries(notes))
    console.log(`${name}: ${typeof note === "string" ? note : JSON.stringify(note)}`);
  console.log(
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, load ${machine.loadBefore?.toFixed(1)}`,
  );
}
