/**
 * A host at work: 2,000 spans a second with five attributes each and four errors a second, both pipes on, for 15 s,
 * compared with the same calls to the API alone and with the official pipeline assembled by hand (BatchSpanProcessor,
 * OTLPTraceExporter, posthog-node). Each runs in its own process, one after the other, with a receiver in this process
 * and with an endpoint that refuses connections. `--seconds=15`, `--rounds=5`, `--keep`.
 *
 * The loop delay is what `perf_hooks.monitorEventLoopDelay` reports at a resolution of 1 ms: the time between two
 * firings of a 1 ms timer, including that millisecond. Nothing is subtracted from it. With the dead endpoint the
 * official pipeline is idle most of the time: it waits to retry one batch, and its queue drops what arrives meanwhile.
 */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installOurs } from "./support/install.mjs";
import { count, NOBODY, pipesTo } from "./support/options.mjs";
import { budget, report } from "./support/results.mjs";
import { median, round, times } from "./support/statistics.mjs";
import { startReceiver } from "./support/turns.mjs";

const PROGRAM = fileURLToPath(new URL("programs/host.cjs", import.meta.url));
const VARIANTS = ["api", "official", "ours"];
const SECONDS = count("seconds", 15);
const ROUNDS = count("rounds", 5);

const project = installOurs();
const receiver = await startReceiver();
const endpoints = { live: receiver.url, dead: NOBODY };

async function run(variant, url) {
  const spool = mkdtempSync(join(tmpdir(), "land-bench-"));
  const child = fork(PROGRAM, [variant, project, url, SECONDS], {
    env: pipesTo(url, spool),
    // posthog-node prints the events it could not send.
    stdio: ["ignore", "ignore", url === NOBODY ? "ignore" : "inherit", "ipc"],
  });
  const result = await new Promise((resolve, reject) =>
    child
      .once("message", resolve)
      .once("exit", (code) => reject(new Error(`${variant} ended with ${code}.`))),
  );
  child.removeAllListeners("exit");
  child.kill("SIGKILL");
  rmSync(spool, { recursive: true, force: true });
  return result;
}

const rows = [];
const budgets = [];
for (const [endpoint, url] of Object.entries(endpoints)) {
  const results = new Map(VARIANTS.map((variant) => [variant, []]));
  for (let turn = 0; turn < ROUNDS; turn++)
    for (const variant of turn % 2 === 0 ? VARIANTS : VARIANTS.toReversed())
      results.get(variant).push(await run(variant, url));
  for (const { stats, spans, errors } of results.get("ours")) {
    // The session start adds one span and one event.
    if (stats.otlp.accepted <= spans || stats.posthog.accepted <= errors)
      throw new Error(`Not everything was taken: ${JSON.stringify(stats)}`);
    // Events are sent after three seconds.
    const delivered = SECONDS < 5 || (stats.otlp.delivered > 0 && stats.posthog.delivered > 0);
    if (endpoint === "live" && !delivered)
      throw new Error(`Nothing was delivered: ${JSON.stringify(stats)}`);
  }
  const of = (variant, key) => results.get(variant).map((result) => result[key]);
  const beyond = (variant) => of(variant, "cpu").map((cpu, turn) => cpu - of("api", "cpu")[turn]);
  const figures = {
    cpu: times(beyond("ours"), beyond("official")),
    p99: times(of("ours", "p99"), of("official", "p99")),
    longest: times(of("ours", "longest"), of("official", "longest")),
  };
  for (const variant of VARIANTS)
    rows.push({
      endpoint,
      variant,
      "CPU ms": round(median(of(variant, "cpu")), 0),
      "CPU ms beyond the API": round(median(beyond(variant)), 0),
      "delay p99, ms": round(median(of(variant, "p99"))),
      "longest block, ms": round(median(of(variant, "longest")), 1),
      "spans delivered or on disk": median(of(variant, "safe")),
    });
  budgets.push(
    budget(`${endpoint} endpoint: CPU beyond the API alone, × official`, round(figures.cpu), 1.1),
    budget(`${endpoint} endpoint: loop delay p99, × official`, round(figures.p99), 1.1),
    budget(`${endpoint} endpoint: longest block, × official`, round(figures.longest), 1.25),
  );
}
const posts = receiver.requests;
receiver.close();
report("host", rows, { budgets, "requests at the receiver": String(posts) });
