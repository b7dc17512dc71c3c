/**
 * The main job: a local receiver, four tiers as real processes, and one trace through all of them.
 *
 *   node examples/tiers/main.mjs           prints the trace and its events
 *   node examples/tiers/main.mjs --json    prints only {traceId, tiers, spans, orphans, events}
 *   node examples/tiers/main.mjs --off     the same work with Capture=false: nothing may reach the receiver
 *
 * Ends with 0, or with 1 if anything is missing.
 */
import { parseArgs } from "node:util";
import { startInspector } from "land-telemetry/inspector";
import { findMisses, findUndone } from "./checkRun.mjs";
import { onMessages } from "./lines.mjs";
import { spawnTier, tierEnvironment } from "./spawnTier.mjs";
import { waterfall } from "./waterfall.mjs";

/** A run takes about a second or two; this long means that it hangs. */
const LIMIT_MS = 60_000;

const { json, off } = parseArgs({
  options: { json: { type: "boolean", default: false }, off: { type: "boolean", default: false } },
}).values;

const inspector = await startInspector();
const { results, failure } = await runTiers();
const misses = [
  ...findUndone(results),
  ...(failure === undefined ? [] : [failure.message]),
  ...(off ? findTraffic() : findMisses(inspector)),
];
report();
for (const miss of misses) process.stderr.write(`✗ ${miss}\n`);
process.exitCode = misses.length === 0 ? 0 : 1;
await inspector.close();

async function runTiers() {
  const settings = {
    Capture: String(!off),
    Report: "true",
    Emit: "true",
    Pipe: inspector.url,
    Beam: inspector.url,
    Authorize: "phc_example",
    Brand: "land-example",
  };
  const { PATH, HOME } = process.env;
  const mountain = spawnTier("mountain.mjs", tierEnvironment({ PATH, HOME, ...settings }));
  const limit = setTimeout(mountain.kill, LIMIT_MS);
  let results;
  try {
    await Promise.all([
      onMessages(mountain.stdout, (message) => (results = message)),
      mountain.exited,
    ]);
    return { results };
  } catch (failure) {
    return { results, failure };
  } finally {
    clearTimeout(limit);
  }
}

function findTraffic() {
  const { requests, connections } = inspector.counts();
  return requests + connections === 0
    ? []
    : [
        `nothing may be sent with Capture=false, but ${connections} connections and ${requests} requests came`,
      ];
}

function report() {
  const [trace] = inspector.traces();
  const events = inspector.events();
  if (json) {
    const summary = {
      traceId: trace?.traceId ?? null,
      tiers: trace?.tiers ?? [],
      spans: trace?.spanCount ?? 0,
      orphans: trace?.orphans.length ?? 0,
      events: events.map(({ event, tier, traceId, spanId }) => ({ event, tier, traceId, spanId })),
    };
    process.stdout.write(`${JSON.stringify(summary)}\n`);
    return;
  }
  const print = (line = "") => process.stdout.write(`${line}\n`);
  if (results !== undefined) {
    const { extensions, matches, files, sha256, missing } = results;
    print(
      `Cocoon found ${extensions} extensions, ${matches} of them with the text; reading a missing file gave ${missing}.`,
    );
    print(`Air hashed ${files} files: ${sha256.slice(0, 16)}…`);
    print();
  }
  if (off)
    return print(
      misses.length === 0
        ? "With Capture=false nothing reached the receiver."
        : "With Capture=false something reached the receiver.",
    );
  if (trace === undefined) return print("No trace came.");
  print(
    `Trace ${trace.traceId}: ${trace.spanCount} spans of ${trace.tiers.length} tiers in ${trace.durationMs.toFixed(0)} ms, ${trace.orphans.length} orphans`,
  );
  print();
  for (const line of waterfall(trace, {
    colour: process.stdout.isTTY,
    width: process.stdout.columns,
  }))
    print(line);
  print();
  print(`Events, joined by span:`);
  const names = new Map(trace.spans.map(({ spanId, name }) => [spanId, name]));
  for (const { event, spanId, properties } of events) {
    const detail = properties.error_message ?? properties.feature ?? "";
    print(`  ${event.padEnd(32)} ${names.get(spanId) ?? "(no span)"}  ${detail}`);
  }
}
