/**
 * Starting: the time from the start of the process to the end of the entry file, and the memory then, against bare
 * Node and against what importing `@opentelemetry/api` alone adds. `--runs=25`, `--peers`, `--keep` (what is installed).
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { installOurs, installPeer, PEERS, ROOT } from "./support/install.mjs";
import { report } from "./support/results.mjs";
import { median, round, summary } from "./support/statistics.mjs";

const option = (name, fallback) =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.split("=")[1] ?? fallback;
const RUNS = Number(option("runs", "25"));
/** Two ends that nobody listens at: nothing may depend on them while a process starts. */
const NOBODY = "http://127.0.0.1:9";

/** What a program says when its entry file is through; then it ends on the spot, since its end is not measured. */
const END = `
const usage = process.resourceUsage(), ms = performance.now();
process._rawDebug(JSON.stringify({ ms, cpu: (usage.userCPUTime + usage.systemCPUTime) / 1000, mb: process.memoryUsage().rss / 1048576, peak: usage.maxRSS / 1024 }));
process.kill(process.pid, "SIGKILL");`;

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
const environment = {
  PATH: process.env["PATH"],
  HOME: process.env["HOME"],
  USER: "bench",
  Capture: "true",
  Report: "true",
  Emit: "true",
  Authorize: "phc_bench",
  Beam: NOBODY,
  Pipe: NOBODY,
  LAND_TELEMETRY_SPOOL: spool,
};

const project = installOurs();
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
  if (!process.argv.includes("--peers")) continue;
  for (const name of Object.keys(PEERS)) {
    const directory = installPeer(name);
    if (directory !== undefined) add(name, kind, directory, PEER_PROGRAMS[name](form) + END);
  }
}

/** What esbuild makes of a program by its defaults, minified; and with the SDK's ES modules, which it then shakes. */
const bundle = async (name, text, options = {}) => {
  const outfile = join(project, `${name}-bundled.cjs`);
  const { metafile } = await build({
    stdin: { contents: text + END, resolveDir: project, loader: "js" },
    bundle: true,
    platform: "node",
    minify: true,
    outfile,
    metafile: true,
    logLevel: "error",
    nodePaths: [join(ROOT, "node_modules")],
    ...options,
  });
  programs.set(`${name} bundled`, outfile);
  return Object.values(metafile.outputs)[0].bytes;
};
add("bare", "bundled", project, END);
const bytes = {
  api: await bundle("api", api(esm)),
  ours: await bundle("ours", ours(esm)),
  "sdk, shaken": await bundle("sdk, shaken", sdk(esm), { mainFields: ["module", "main"] }),
};

const samples = new Map([...programs.keys()].map((name) => [name, []]));
for (let run = 0; run < RUNS + 1; run++) {
  // Rounds take turns in the order, so that no program always follows the same one.
  const names = [...programs.keys()];
  for (const name of run % 2 === 0 ? names : names.reverse()) {
    const { stderr } = spawnSync(process.execPath, [programs.get(name)], {
      env: environment,
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

/** What a program takes more than bare Node: the median over the rounds, each against bare Node in the same round, since the machine may be half as fast for some seconds. */
const addedTo = (name, key) => {
  const bare = samples.get(`bare ${name.split(" ").at(-1)}`);
  return median(samples.get(name).map((sample, run) => sample[key] - bare[run][key]));
};
const rows = [...samples].map(([name, values]) => {
  const api = `api ${name.split(" ").at(-1)}`;
  const { median: ms, low, high } = summary(values.map((sample) => sample.ms));
  return {
    program: name,
    ms: round(ms, 1),
    quartiles: `${round(low, 1)}–${round(high, 1)}`,
    "added ms": round(addedTo(name, "ms"), 1),
    "added, × the API's": round(addedTo(name, "ms") / addedTo(api, "ms")),
    "added CPU, × the API's": round(addedTo(name, "cpu") / addedTo(api, "cpu")),
    "MB over the API": round(
      median(values.map(({ mb }) => mb)) - median(samples.get(api).map(({ mb }) => mb)),
      1,
    ),
  };
});
const added = (name) => rows.find(({ program }) => program === name)["added ms"];
report("start", rows, {
  "kB of the bundles, minified": Object.fromEntries(
    Object.entries(bytes).map(([name, size]) => [name, round(size / 1000, 1)]),
  ),
  "bundled, added time × that of the shaken SDK": String(
    round(added("ours bundled") / added("sdk, shaken bundled")),
  ),
});
