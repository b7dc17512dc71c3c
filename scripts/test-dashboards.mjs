/**
 * `npm run test:dashboards`: runs every query of docs/dashboards.md over the events of a run, on an embedded ClickHouse
 * (chdb, half a gigabyte, installed only for this test), and compares the results with those on the page, except for
 * dates, ids and measured times. `--write` writes them to the page.
 */
import { execFile, execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startInspector } from "land-telemetry/inspector";
import { TABLE, toClickHouse } from "./dashboards/toClickHouse.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PAGE = join(ROOT, "docs/dashboards.md");
const CACHE = join(ROOT, ".cache/dashboards");
const CHDB = "chdb@3.4.0";
/** Columns whose values differ from run to run. */
const VARYING = /^(day|hour|timestamp|last_\w+|span_id|parent|trace|stack|causes|p\d+_ms)$/;
const WIDEST = 60;
const QUERY = /(```sql\n([\s\S]*?)```\n)(?:\n<!-- result -->\n[\s\S]*?\n(?=\n|$))?/g;

function installClickHouse() {
  fs.mkdirSync(CACHE, { recursive: true });
  const options = ["--no-audit", "--no-fund", "--silent", "--prefer-offline", "--prefix", CACHE];
  execFileSync("npm", ["install", ...options, CHDB], { stdio: "inherit" });
  return createRequire(join(CACHE, "package.json"))("chdb");
}

/** What the tiers of a run send, and what a tier in Rust would send: durations as strings, no trace. */
async function eventsOfARun() {
  const inspector = await startInspector();
  const { url } = inspector;
  const env = {
    PATH: process.env.PATH,
    ...{ Capture: "true", Report: "true", Emit: "true", Brand: "developer" },
    ...{ Pipe: url, Beam: url, Authorize: "phc_dashboards" },
    LAND_TELEMETRY_SPOOL: fs.mkdtempSync(join(CACHE, "spool-")),
  };
  const [program, crash] = ["tier", "crash"].map((name) =>
    fileURLToPath(new URL(`dashboards/${name}.mjs`, import.meta.url)),
  );
  await promisify(execFile)(process.execPath, [crash], { env }).catch(() => undefined);
  for (const tier of ["cocoon", "air"])
    await promisify(execFile)(process.execPath, [program, tier], { env });
  const rust = { $tier: "mountain", $component: "mountain" };
  const batch = [
    ["session:start", { pid: "1", os: "linux", arch: "x86_64" }],
    ...[1, 2, 3].map((ms) => [
      "handler:complete",
      { feature: "$readFile", duration_ms: String(ms), ok: true },
    ]),
  ].map(([name, properties], at) => ({
    event: `land:mountain:${name}`,
    distinct_id: "developer",
    timestamp: new Date().toISOString(),
    uuid: `00000000-0000-4000-8000-00000000000${at}`,
    properties: { ...rust, ...properties },
  }));
  await fetch(`${url}/batch/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ api_key: "phc_dashboards", batch }),
  });
  const events = inspector.events();
  await inspector.close();
  return events;
}

function resultsOf(session, query, traceId) {
  const sql = toClickHouse(query).replace("4bf92f3577b34da6a3ce929d0e0e4736", traceId);
  const { meta, data } = JSON.parse(session.query(sql, "JSONCompact"));
  return { columns: meta.map(({ name }) => name), rows: data };
}

const cell = (value) => {
  const text = String(value ?? "").replaceAll(/\s+/g, " ");
  return (text.length > WIDEST ? `${text.slice(0, WIDEST)} …` : text).replaceAll("|", "\\|");
};
const line = (cells) => `| ${cells.map(cell).join(" | ")} |`;
const tableOf = ({ columns, rows }) =>
  [line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n");
/** What must be the same in every run, regardless of the order of rows that are sorted by a varying column. */
const stableOf = (table) => {
  const [head = [], , ...rows] = table.split("\n").map((row) => row.slice(2, -2).split(" | "));
  return rows
    .map((cells) => cells.filter((_cell, at) => !VARYING.test(head[at] ?? "")).join(" | "))
    .sort()
    .join("\n");
};

const { Session } = installClickHouse();
const session = new Session();
const events = await eventsOfARun();
session.query(TABLE);
for (const { event, timestamp, distinctId, uuid, properties } of events) {
  const row = {
    event,
    timestamp,
    distinct_id: distinctId,
    uuid,
    properties: JSON.stringify(properties),
  };
  session.query(
    `INSERT INTO events SETTINGS date_time_input_format = 'best_effort' FORMAT JSONEachRow ${JSON.stringify(row)}`,
  );
}
const traceId = events.find(({ properties }) => properties["error_tag"] === "open")?.traceId;
const isWriting = process.argv.includes("--write");
const problems = [];
let queries = 0;
const page = fs.readFileSync(PAGE, "utf8");
const written = page.replaceAll(QUERY, (found, block, query) => {
  queries++;
  const [, first] = query.split("\n");
  try {
    const results = resultsOf(session, query, traceId);
    const table = tableOf(results);
    if (results.rows.length === 0) problems.push(`no rows: ${query}`);
    const [, known = ""] = found.split("<!-- result -->\n");
    if (!isWriting && stableOf(known.trim()) !== stableOf(table))
      problems.push(`a different result: ${query}\n${table}`);
    return `${block}\n<!-- result -->\n${table}\n`;
  } catch (error) {
    problems.push(`${first}: ${error.message}`);
    return found;
  }
});
session.cleanup();
if (isWriting) fs.writeFileSync(PAGE, written);
for (const problem of problems) process.stderr.write(`✗ ${problem}\n`);
process.stdout.write(`${events.length} events, ${queries} queries, ${problems.length} problems\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
