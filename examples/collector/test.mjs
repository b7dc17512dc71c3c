/**
 * `npm run test:collector`: sends the tiers example and sidecars through the real OpenTelemetry Collector, as agent,
 * balancer and gateways, which are killed meanwhile. What arrives at the backend is compared with what went in.
 *
 *   node examples/collector/test.mjs tiers outages sampling     only those
 *   node examples/collector/test.mjs --no-build                 only with a collector that already exists
 *
 * Without a collector and without Go to build one it says so and ends with 0. With Go it ends with 1 if the build fails
 * and CI is set.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findCollector } from "./findCollector.mjs";
import { runOutages, runSampling, runTiers } from "./scenarios.mjs";

const SCENARIOS = { tiers: runTiers, outages: runOutages, sampling: runSampling };

const started = performance.now();
const log = (line) =>
  process.stdout.write(
    `${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${line}\n`,
  );
const { positionals: asked, values } = parseArgs({
  allowPositionals: true,
  options: { "no-build": { type: "boolean", default: false } },
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
const unknown = asked.filter((name) => !(name in SCENARIOS));
if (unknown.length > 0)
  throw new Error(
    `No such scenario: ${unknown.join(", ")}. There are ${Object.keys(SCENARIOS).join(", ")}.`,
  );

const { path, missing, failed } = findCollector({ log, mayBuild: !values["no-build"] });
if (path === undefined) {
  process.stderr.write(`${missing}\n`);
  // On a developer's machine a failed build is not the project's fault; a wrong OTELCOL must not go unnoticed.
  process.exitCode = failed && (process.env.CI || process.env.OTELCOL) ? 1 : 0;
} else {
  log(`collector: ${path}`);
  process.exitCode = (await runAll(asked.length > 0 ? asked : Object.keys(SCENARIOS))) ? 0 : 1;
}

/** Runs all in parallel: they spend most of their time waiting. */
async function runAll(names) {
  const outcomes = await Promise.all(names.map(run));
  for (const { rows } of outcomes) console.table(rows);
  for (const { name, misses } of outcomes)
    for (const miss of misses) process.stderr.write(`✗ ${name}: ${miss}\n`);
  const ok = outcomes.every(({ misses }) => misses.length === 0);
  if (ok) log("everything that had to arrive arrived");
  return ok;
}

async function run(name) {
  const state = mkdtempSync(join(tmpdir(), `land-collector-${name}-`));
  try {
    return { name, ...(await SCENARIOS[name](path, state, (line) => log(`${name}: ${line}`))) };
  } catch (failure) {
    return { name, rows: [], misses: [failure.message] };
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}
