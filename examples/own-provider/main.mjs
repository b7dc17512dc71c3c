/**
 * The mirror on a host's own provider: runs the host with a local receiver of both pipes and checks what arrives.
 *
 *   node examples/own-provider/main.mjs [sdk2|sdk3]    default: SDK 2.x
 *
 * Ends with 0, or with 1 if anything is missing. `npm run test:sdk3` runs it on SDK 3.x.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startInspector } from "land-telemetry/inspector";

/** A run takes about a second; this long means that it hangs. */
const LIMIT_MS = 60_000;

const [, , line = "sdk2"] = process.argv;
const inspector = await startInspector();
const { PATH, HOME } = process.env;
const host = spawn(
  process.execPath,
  [fileURLToPath(new URL("host.mjs", import.meta.url)), line, inspector.url],
  { env: { PATH, HOME }, stdio: "inherit", timeout: LIMIT_MS },
);
const [exitCode] = await once(host, "exit");

const [trace] = inspector.traces();
// Two spans that start in the same clock tick can be sorted in either order.
const spans = (trace?.spans ?? []).toSorted(
  (left, right) =>
    Number(left.parentSpanId !== undefined) - Number(right.parentSpanId !== undefined) ||
    left.name.localeCompare(right.name),
);
const events = inspector.events();
const misses = [...(exitCode === 0 ? [] : [`the host ended with ${exitCode}`]), ...findMisses()];
report();
for (const miss of misses) process.stderr.write(`✗ ${miss}\n`);
process.exitCode = misses.length === 0 ? 0 : 1;
await inspector.close();

function findMisses() {
  const names = spans.map(({ name }) => name);
  if (names.join() !== "open workspace,read manifest,read settings")
    return [`other spans came: ${names.join() || "none"}`];
  if (events.length !== 1) return [`one failure must be one event, but ${events.length} came`];
  const [event] = events;
  const failed = spans.find(({ name }) => name === "read manifest");
  return [
    event.event === "land:sidecar:error" && event.properties.error_tag === "ENOENT"
      ? []
      : [`another event came: ${event.event}, ${event.properties.error_tag}`],
    event.traceId === failed.traceId && event.spanId === failed.spanId
      ? []
      : ["the event does not name the span that failed first"],
    failed.attributes["posthog.event"] === event.event &&
    failed.attributes["posthog.distinct_id"] === event.distinctId
      ? []
      : ["the span does not name its event"],
  ].flat();
}

function report() {
  const print = (text) => process.stdout.write(`${text}\n`);
  print(
    `SDK ${spans[0]?.resource["telemetry.sdk.version"] ?? "unknown"}, Node ${process.versions.node}`,
  );
  for (const { name, statusCode, parentSpanId } of spans)
    print(
      `  span   ${parentSpanId === undefined ? "" : "  "}${name}${statusCode === 2 ? "  ✗" : ""}`,
    );
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  for (const { event, spanId, properties } of events)
    print(`  event  ${event} of "${names.get(spanId) ?? spanId}": ${properties.error_message}`);
}
