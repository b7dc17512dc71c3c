/**
 * Starting: the time from the start of the process to the end of the entry file, and the memory then, compared with
 * bare Node and with what importing `@opentelemetry/api` alone adds; and the same including the first turns of the
 * event loop, which do what was left for later. `--runs=25`, `--peers`, `--keep` (what is installed).
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { installOurs, installPeer, PEERS, ROOT } from "./support/install.mjs";
import { count, NOBODY, pipesTo } from "./support/options.mjs";
import { budget, report } from "./support/results.mjs";
import { median, round, summary } from "./support/statistics.mjs";

const RUNS = count("runs", 25);

/**
 * What a program measures at the end of its entry file, and again when the first turns of the loop are over: after ten
 * turns in a row in which no file was being read and no other setImmediate callback was waiting. It then prints that
 * and kills itself, since its end is not measured. It waits for no timers or sockets: nothing listens at the endpoint.
 */
const END = `
{
  const look = () => {
    const ms = performance.now(), usage = process.resourceUsage();
    return { ms, cpu: (usage.userCPUTime + usage.systemCPUTime) / 1000 };
  };
  const file = look();
  const mb = process.memoryUsage.rss() / 1048576;
  let last = file, quiet = 0;
  const turn = () => {
    const busy = process.getActiveResourcesInfo().some((name) => name === "Immediate" || name.startsWith("FSReq"));
    if (busy) quiet = 0;
    else if (quiet++ === 0) last = look();
    if (quiet < 10) return setImmediate(turn);
    process._rawDebug(JSON.stringify({ ...file, mb, turnsMs: last.ms, turnsCpu: last.cpu }));
    process.kill(process.pid, "SIGKILL");
  };
  setImmediate(turn);
}`;

const SDK = {
  names: `trace, context, propagation`,
  body: `
const provider = new BasicTracerProvider({ resource: resourceFromAttributes({ "service.name": "bench" }), spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: "${NOBODY}/v1/traces" }))] });
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }));
trace.getTracer("bench").startSpan("start").end();`,
  imports: [
    ["BasicTracerProvider, BatchSpanProcessor", "@opentelemetry/sdk-trace-base"],
    ["resourceFromAttributes", "@opentelemetry/resources"],
    ["AsyncLocalStorageContextManager", "@opentelemetry/context-async-hooks"],
    ["CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator", "@opentelemetry/core"],
    ["OTLPTraceExporter", "@opentelemetry/exporter-trace-otlp-http"],
  ],
};
const esm = (names, from) => `import { ${names} } from "${from}";`;
const cjs = (names, from) => `const { ${names} } = require("${from}");`;
const sdk = (form) =>
  [
    form(SDK.names, "@opentelemetry/api"),
    ...SDK.imports.map(([names, from]) => form(names, from)),
    SDK.body,
  ].join("\n");
const ours = (form) =>
  `${form("register, Tier", "land-telemetry")}\nif (register(Tier.Cocoon).status !== "registered") throw new Error("not registered");`;
const api = (form) => `${form("trace", "@opentelemetry/api")}\ntrace.getTracer("bench");`;
const PEER_PROGRAMS = {
  "vercel-otel": (form) =>
    `${form("registerOTel", "@vercel/otel")}\nregisterOTel({ serviceName: "bench" });`,
  "langfuse-otel": (form) =>
    `${form("BasicTracerProvider", "@opentelemetry/sdk-trace-base")}\n${form("LangfuseSpanProcessor", "@langfuse/otel")}\nnew BasicTracerProvider({ spanProcessors: [new LangfuseSpanProcessor({ publicKey: "pk", secretKey: "sk", baseUrl: "${NOBODY}" })] });`,
  "sdk-node": (form) =>
    `${form("NodeSDK", "@opentelemetry/sdk-node")}\nnew NodeSDK({ serviceName: "bench" }).start();`,
  sentry: (form) =>
    (form === esm
      ? `import * as Sentry from "@sentry/node";`
      : `const Sentry = require("@sentry/node");`) +
    `\nSentry.init({ dsn: "http://key@127.0.0.1:9/1", tracesSampleRate: 1 });`,
  logfire: (form) =>
    (form === esm
      ? `import * as logfire from "@pydantic/logfire-node";`
      : `const logfire = require("@pydantic/logfire-node");`) +
    `\nlogfire.configure({ sendToLogfire: false, serviceName: "bench" });`,
};

const spool = mkdtempSync(join(tmpdir(), "land-bench-"));

const project = installOurs();
const peers = new Map(
  process.argv.includes("--peers")
    ? Object.keys(PEERS)
        .map((name) => [name, installPeer(name)])
        .filter(([, directory]) => directory !== undefined)
    : [],
);
const programs = new Map();
const add = (name, kind, directory, text) => {
  const file = join(
    directory,
    `${name}-${kind}.${kind === "cjs" || kind === "bundled" ? "cjs" : "mjs"}`,
  );
  writeFileSync(file, text);
  programs.set(`${name} ${kind}`, file);
};
for (const [kind, form] of [
  ["cjs", cjs],
  ["esm", esm],
]) {
  add("bare", kind, project, END);
  add("api", kind, project, api(form) + END);
  add("ours", kind, project, ours(form) + END);
  add("sdk", kind, project, sdk(form) + END);
  for (const [name, directory] of peers)
    add(name, kind, directory, PEER_PROGRAMS[name](form) + END);
}

/** Bundles a program with esbuild's defaults, minified; with `mainFields`, from ES modules, which it tree-shakes. */
async function bundle(name, text, options = {}) {
  const outfile = join(project, `${name}-bundled.cjs`);
  const { metafile } = await build({
    stdin: { contents: text + END, resolveDir: project, loader: "js" },
    bundle: true,
    platform: "node",
    minify: true,
    outfile,
    metafile: true,
    logLevel: "silent",
    nodePaths: [join(ROOT, "node_modules")],
    ...options,
  });
  programs.set(`${name} bundled`, outfile);
  bytes[name] = round(Object.values(metafile.outputs)[0].bytes / 1000, 1);
}
const bytes = {};
add("bare", "bundled", project, END);
await bundle("api", api(esm));
await bundle("ours", ours(esm));
await bundle("sdk, shaken", sdk(esm), { mainFields: ["module", "main"] });
for (const [name, directory] of peers) {
  const stdin = { contents: PEER_PROGRAMS[name](esm) + END, resolveDir: directory, loader: "js" };
  await bundle(name, "", { stdin }).catch(({ message }) =>
    console.log(`${name} cannot be bundled and is left out: ${message.split("\n")[1] ?? message}`),
  );
}

const samples = new Map([...programs.keys()].map((name) => [name, []]));
for (let run = 0; run < RUNS + 1; run++) {
  // The order alternates between rounds, so that no program always follows the same one.
  const names = [...programs.keys()];
  for (const name of run % 2 === 0 ? names : names.reverse()) {
    const { stderr } = spawnSync(process.execPath, [programs.get(name)], {
      env: pipesTo(NOBODY, spool),
      encoding: "utf8",
    });
    const line = stderr.trim().split("\n").at(-1) ?? "";
    if (!line.startsWith("{")) {
      if (!(name.slice(0, name.lastIndexOf(" ")) in PEERS))
        throw new Error(`${name} failed: ${stderr}`);
      console.log(
        `${name} does not start here and is left out: ${/^\w*Error.*$/m.exec(stderr)?.[0] ?? stderr.slice(0, 200)}`,
      );
      programs.delete(name);
      samples.delete(name);
      continue;
    }
    if (run > 0) samples.get(name).push(JSON.parse(line));
  }
}
rmSync(spool, { recursive: true, force: true });

/**
 * How much more than bare Node a program takes: the median over the rounds, each compared with bare Node in the same
 * round, since the machine may run at half speed for some seconds.
 */
function addedTo(name, key) {
  const bare = samples.get(`bare ${kindOf(name)}`);
  return median(samples.get(name).map((sample, run) => sample[key] - bare[run][key]));
}
const kindOf = (name) => name.split(" ").at(-1);
/** In a bundle the API adds too little to compare with, so the baseline there is the tree-shaken SDK. */
const baselineOf = (name) =>
  kindOf(name) === "bundled" ? "sdk, shaken bundled" : `api ${kindOf(name)}`;
const timesBaseline = (name, key) => round(addedTo(name, key) / addedTo(baselineOf(name), key));
const rows = [...samples].map(([name, values]) => {
  const { median: ms, low, high } = summary(values.map((sample) => sample.ms));
  const megabytes = (of) => median(samples.get(of).map(({ mb }) => mb));
  return {
    program: name,
    ms: round(ms, 1),
    quartiles: `${round(low, 1)}–${round(high, 1)}`,
    "added ms": round(addedTo(name, "ms"), 1),
    "× baseline": timesBaseline(name, "ms"),
    "CPU × baseline": timesBaseline(name, "cpu"),
    "first turns, added ms": round(addedTo(name, "turnsMs"), 1),
    "first turns × baseline": timesBaseline(name, "turnsMs"),
    "MB over the API": round(megabytes(name) - megabytes(`api ${kindOf(name)}`), 1),
  };
});

/** Our figure against its budget and, if peers were measured, against half of the best peer's. */
function budgetsOf(kind, what, key, atMost) {
  const others = [...peers.keys()]
    .map((name) => `${name} ${kind}`)
    .filter((name) => samples.has(name));
  const best = Math.min(...others.map((name) => timesBaseline(name, key)));
  const figure = timesBaseline(`ours ${kind}`, key);
  const own = budget(`${what}, × ${baselineOf(`ours ${kind}`)}`, figure, atMost);
  return others.length === 0
    ? [own]
    : [own, budget(`${what}, against half of the best peer's`, figure, round(best / 2))];
}
report("start", rows, {
  budgets: [
    ...budgetsOf("cjs", "CommonJS", "ms", 1.9),
    ...budgetsOf("esm", "ESM", "ms", 1.8),
    ...budgetsOf("cjs", "CommonJS with the first turns", "turnsMs", 3),
    ...budgetsOf("esm", "ESM with the first turns", "turnsMs", 3),
    ...budgetsOf("bundled", "bundled", "ms", 2.5),
  ],
  baseline: "what importing the API adds to bare Node; in a bundle, what the shaken SDK adds",
  "kB of the bundles, minified": bytes,
});
