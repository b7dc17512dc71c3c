/**
 * `npm run bench` runs every part, `npm run bench -- start span` only those. Each prints a table and its budgets and
 * writes bench/results/<part>.json. The ratios matter: everything is measured in turns, in one run, against a baseline.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const PARTS = [
  "start",
  "loading",
  "span",
  "off",
  "errors",
  "first",
  "boundaries",
  "privacy",
  "burst",
  "outage",
  "memory",
  "bytes",
  "exit",
  "host",
  "recorder",
];
const chosen = process.argv.slice(2).filter((part) => !part.startsWith("-"));
const unknown = chosen.filter((part) => !PARTS.includes(part));
if (unknown.length > 0)
  throw new Error(`No such part: ${unknown.join(", ")}. There are ${PARTS.join(", ")}.`);

for (const part of chosen.length > 0 ? chosen : PARTS) {
  const file = fileURLToPath(new URL(`./${part}.mjs`, import.meta.url));
  process.stdout.write(`\n== ${part}\n`);
  execFileSync(
    process.execPath,
    [file, ...process.argv.slice(2).filter((option) => option.startsWith("-"))],
    { stdio: "inherit" },
  );
}
