/**
 * A page instead of the tiers example's Sky: one trace begins with a click in a browser and ends in Cocoon and Air.
 *
 *   node examples/webview/main.mjs     says which address to open, and prints the trace after the click
 *
 * Needs the package's own development dependencies, to bundle the page, and a browser. Ends with 0, or with 1 if
 * anything is missing.
 */
import { startInspector } from "land-telemetry/inspector";
import { onMessages } from "../tiers/lines.mjs";
import { spawnTier, tierEnvironment } from "../tiers/spawnTier.mjs";
import { waterfall } from "../tiers/waterfall.mjs";

const TIERS = "air,cocoon,mountain,sky";

const inspector = await startInspector();
const { PATH, HOME } = process.env;
const settings = {
  Capture: "true",
  Report: "true",
  Emit: "true",
  Pipe: inspector.url,
  Beam: inspector.url,
  Authorize: "phc_example",
  Brand: "land-example",
};
const mountain = spawnTier("mountain.mjs", tierEnvironment({ PATH, HOME, ...settings }), [
  "../webview/shell.mjs",
]);
let done;
await Promise.all([onMessages(mountain.stdout, (said) => (done = said)), mountain.exited]);

const trace = inspector.traces().find(({ spans }) => spans.some(isClick));
const errors = inspector.events().filter(({ event }) => event.endsWith(":error"));
const misses = [
  ...(done?.missing === "ENOENT" ? [] : ["the page did not finish its work"]),
  ...(trace === undefined ? ["no trace of a click came"] : missesOf(trace)),
  ...(String(errors.map(({ event }) => event)) === "land:cocoon:error"
    ? []
    : [`one error expected, Cocoon's, not ${errors.map(({ event }) => event).join(", ")}`]),
];
if (trace !== undefined) {
  const { spanCount, tiers, orphans } = trace;
  print(`One click: ${spanCount} spans of ${tiers.length} tiers, ${orphans.length} orphans`);
  const { isTTY: colour, columns: width } = process.stdout;
  for (const line of waterfall(trace, { colour, width })) print(line);
}
for (const { event, properties } of errors) print(`${event}  ${properties.error_message}`);
for (const miss of misses) process.stderr.write(`✗ ${miss}\n`);
process.exitCode = misses.length === 0 ? 0 : 1;
await inspector.close();

function isClick({ name, parentSpanId }) {
  return name === "land:sky:click" && parentSpanId === undefined;
}

function missesOf({ tiers, orphans, spans }) {
  const names = new Set(spans.map(({ name }) => name));
  return [
    ...(String([...tiers].sort()) === TIERS ? [] : [`spans of ${TIERS} expected, not of ${tiers}`]),
    ...orphans.map(({ name }) => `${name} has no parent`),
    ...["land:sky:ipc:invoke", "land:mountain:ipc:invoke"]
      .filter((name) => !names.has(name))
      .map((name) => `no ${name}`),
  ];
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
