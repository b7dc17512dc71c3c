/**
 * `npm run budgets`: what starting and spans may cost, in units that other processes on the machine cannot affect.
 * Fails if a budget is exceeded. `--json` prints the figures as JSON. Needs a build.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { buildSync } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const NOBODY = "http://127.0.0.1:9";

/** Each with its reason. Raise one only by deliberate decision, not to make this check pass. */
const BUDGETS = {
  // The running telemetry accepts what a page relays, which added 1.5 to the three figures below.
  // What a process reads and compiles before it works; posthog-node and the exporter are loaded later from other files.
  // Raised from 230: hostile values, rejections, gathered runs, the spool's checks, redaction's tables, a host's parts,
  // settings. From 267: the run file, open spans and how the last run ended, which a host asks for immediately.
  eagerKilobytes: 284,
  // The same in an application bundled and minified by esbuild with splitting, the API included.
  // Raised from 232: the same parts of the flight recorder.
  bundledEagerKilobytes: 247,
  // All of such a bundle and what it loads later. Raised from 434: what an error event says besides tag and message.
  // From 440: the flight recorder with its journal and adoption.
  bundledKilobytes: 462,
  // A page that registers, bundled and minified by esbuild with splitting, the API included, each file gzipped: what it
  // loads immediately, the largest file loaded in the turn after, and everything. The last was 75 before a page sent
  // for workers and observed marks, tasks and resources, and before the rest was split into seven files, each gzipped.
  pageGzippedKilobytes: 22,
  pageLargestLaterKilobytes: 12,
  pageAllGzippedKilobytes: 85,
  // A worker that registers and a page that wraps Tauri's functions, measured alike; neither loads anything later.
  workerGzippedKilobytes: 20,
  tauriGzippedKilobytes: 1,
  // The entry, the build it chooses, what that build shares with the other entries, and the bundler's helpers.
  ownModules: 4,
  // Node's own modules beyond those that the API loads. node:crypto alone would add 35.
  builtinModules: 14,
  // Relative to the bare SDK with BatchSpanProcessor and an exporter that does nothing. It was 1.022 before each span
  // kept what is needed to date its error event; where the rest of the growth comes from is not known yet.
  // Raised from 1.12: while a span is open, it is in a list.
  bytesPerSpanRatio: 1.2,
};
/** Built-in modules that take milliseconds to load and that nothing needs at start. */
const NOT_AT_START = [
  "crypto",
  "http",
  "https",
  "zlib",
  "worker_threads",
  "stream",
  "net",
  "child_process",
];

const START = `
const api = require("@opentelemetry/api");
const before = { builtin: new Set(process.moduleLoadList), own: new Set(Object.keys(require.cache)) };
const { status } = require(${JSON.stringify(join(root, "dist/index.cjs"))}).register("cocoon");
const builtin = process.moduleLoadList.filter((name) => !before.builtin.has(name)).map((name) => name.replace(/^NativeModule /, ""));
const own = Object.keys(require.cache).filter((name) => !before.own.has(name));
process._rawDebug(JSON.stringify({ status, builtin, own }));
process.kill(process.pid, "SIGKILL");`;

/** Fewer spans than a batch, so that nothing is exported while they are measured. */
const SPANS = `
const tracer = trace.getTracer("land.cocoon", "0.1.0");
function span() {
  const made = tracer.startSpan("land:cocoon:handler");
  for (const [key, value] of attributes) made.setAttribute(key, value);
  made.end();
}
const attributes = [["rpc.system.name", "grpc"], ["rpc.method", "land.CocoonService/ProcessMountainRequest"], ["server.address", "127.0.0.1"], ["server.port", 50052], ["land.feature", "completion.provider"]];
for (let index = 0; index < 200; index++) span();
const before = process.memoryUsage().heapUsed;
for (let index = 0; index < 250; index++) span();
process._rawDebug(JSON.stringify({ status: "registered", bytes: (process.memoryUsage().heapUsed - before) / 250 }));
process.kill(process.pid, "SIGKILL");`;
const BARE = `
const { trace, context } = require("@opentelemetry/api");
const { BasicTracerProvider, BatchSpanProcessor } = require("@opentelemetry/sdk-trace-base");
const { AsyncLocalStorageContextManager } = require("@opentelemetry/context-async-hooks");
const exporter = { export: (spans, done) => done({ code: 0 }), shutdown: () => Promise.resolve() };
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] }));
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
${SPANS}`;
const OURS = `
const { trace } = require("@opentelemetry/api");
require(${JSON.stringify(join(root, "dist/index.cjs"))}).register("cocoon");
${SPANS}`;

if (!existsSync(join(root, "dist/index.cjs")))
  throw new Error("There is no dist: run `npm run build` first.");
const spool = mkdtempSync(join(tmpdir(), "land-budgets-"));
const run = (program, flags = []) => {
  const env = {
    PATH: process.env["PATH"],
    HOME: spool,
    USER: "budgets",
    Capture: "true",
    Report: "true",
    Emit: "true",
    Authorize: "phc_budgets",
    Beam: NOBODY,
    Pipe: NOBODY,
    LAND_TELEMETRY_SPOOL: spool,
  };
  // A file, because Node loads more of its own modules for a program given on the command line.
  const file = join(root, ".cache/budgets.cjs");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, program);
  const { stderr } = spawnSync(process.execPath, [...flags, file], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  const result = JSON.parse(stderr.trim().split("\n").at(-1) ?? "null");
  if (result?.status !== "registered") throw new Error(`The program did not register: ${stderr}`);
  return result;
};
// With a young generation this large nothing is collected, and without optimisation every run allocates the same.
const HEAP = ["--max-semi-space-size=256", "--min-semi-space-size=256", "--no-opt"];

const started = run(START);
const figures = {
  eagerKilobytes: started.own.reduce((sum, file) => sum + statSync(file).size, 0) / 1000,
  ...bundled(),
  ...bundledForPage(),
  ownModules: started.own.length,
  builtinModules: started.builtin.length,
  bytesPerSpanRatio: run(OURS, HEAP).bytes / run(BARE, HEAP).bytes,
};
rmSync(spool, { recursive: true, force: true });

function bundled() {
  const { eager, all } = bundle("node");
  const kilobytes = (files) => files.reduce((sum, { contents }) => sum + contents.length, 0) / 1000;
  return { bundledEagerKilobytes: kilobytes(eager), bundledKilobytes: kilobytes(all) };
}

function bundledForPage() {
  const { eager, all } = bundle("browser");
  const worker = bundle(
    "browser",
    `import { register } from "land-telemetry/worker"; register("worker");`,
  );
  const tauri = bundle("browser", `export * from "land-telemetry/tauri";`);
  const kilobytes = (files) =>
    files.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0) / 1000;
  return {
    pageGzippedKilobytes: kilobytes(eager),
    pageLargestLaterKilobytes: Math.max(
      ...all.filter((file) => !eager.includes(file)).map((file) => kilobytes([file])),
    ),
    pageAllGzippedKilobytes: kilobytes(all),
    workerGzippedKilobytes: kilobytes(worker.all),
    tauriGzippedKilobytes: kilobytes(tauri.all),
  };
}

/** The files of an application that registers: those it loads immediately, and all. */
function bundle(
  platform,
  contents = `import { register, Tier } from "land-telemetry"; register(Tier.Cocoon);`,
) {
  const { metafile, outputFiles } = buildSync({
    stdin: { contents, resolveDir: root },
    bundle: true,
    splitting: true,
    format: "esm",
    platform,
    // esbuild's default for a page that is not minified; `production`, its default otherwise, would make it a release.
    ...(platform === "browser" ? { define: { "process.env.NODE_ENV": '"development"' } } : {}),
    outdir: root,
    minify: true,
    write: false,
    metafile: true,
    logLevel: "error",
  });
  const { outputs } = metafile;
  const eager = new Set(
    Object.keys(outputs).filter((file) => outputs[file].entryPoint === "<stdin>"),
  );
  for (const file of eager)
    for (const { path, kind } of outputs[file].imports)
      if (kind === "import-statement" && path in outputs) eager.add(path);
  const isEager = ({ path }) => eager.has(relative(process.cwd(), path).replaceAll("\\", "/"));
  return { eager: outputFiles.filter(isEager), all: outputFiles };
}

const rows = Object.entries(BUDGETS).map(([what, budget]) => ({
  what,
  figure: Math.round(figures[what] * 1000) / 1000,
  budget,
  within: figures[what] <= budget,
}));
if (process.argv.includes("--json"))
  console.log(JSON.stringify({ figures, budgets: BUDGETS, builtin: started.builtin }));
else console.table(rows);
const early = NOT_AT_START.filter((name) => started.builtin.includes(name));
const exceeded = rows
  .filter(({ within }) => !within)
  .map(({ what, figure, budget }) => `${what} is ${figure}, its budget ${budget}`);
if (early.length > 0) exceeded.push(`loaded at start: ${early.join(", ")}`);
if (exceeded.length > 0) {
  console.error(exceeded.join("\n"));
  process.exitCode = 1;
}
