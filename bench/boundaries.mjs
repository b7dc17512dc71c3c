/**
 * What the gRPC interceptors add to a unary call, beside @opentelemetry/instrumentation-grpc, in one run.
 *
 * Each variant is a process with a server and a client that call each other over a port, all with the same SDK and a
 * processor that does nothing. The rounds are interleaved, so that what else the machine does hits all variants.
 * The figures are medians; CPU time says more than wall time on a machine that is not idle.
 *
 *   node bench/boundaries.mjs [rounds] [calls per round]
 */
import { execFileSync, fork } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const INSTRUMENTATION = "@opentelemetry/instrumentation-grpc@0.223.0";
const ROUNDS = Number(process.argv[2] ?? 81);
const CALLS = Number(process.argv[3] ?? 240);
/** Rounds that nobody counts: V8 compiles the hot paths in them. */
const WARM_UP = 15;
const VARIANTS = [
  ["plain", "no telemetry at all"],
  ["off", "interceptors, nothing registered"],
  ["land", "interceptors, strict propagator, session baggage"],
  ["peer", INSTRUMENTATION],
];

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..");
const cache = join(root, ".cache", "bench");

/**
 * The peer lives in a folder of its own: it is measured, not depended on. The API it takes from here: with a copy of
 * its own it would have no context.
 */
function installPeer() {
  mkdirSync(cache, { recursive: true });
  if (!existsSync(join(cache, "package.json")))
    writeFileSync(join(cache, "package.json"), '{ "private": true }\n');
  if (existsSync(join(cache, "node_modules", "@opentelemetry", "instrumentation-grpc"))) return;
  execFileSync(
    "npm",
    ["install", "--no-audit", "--no-fund", "--omit=peer", "-E", INSTRUMENTATION],
    {
      cwd: cache,
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  rmSync(join(cache, "node_modules", "@opentelemetry", "api"), { recursive: true, force: true });
}

async function bundleInterceptors() {
  await build({
    stdin: {
      contents: `
        export { clientInterceptor, serverInterceptor } from "./lib/grpc.js";
        export { createPropagator } from "./lib/propagation/createPropagator.js";
        export { globalState } from "./lib/shared/globalState.js";`,
      resolveDir: root,
    },
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    packages: "external",
    outfile: join(cache, "interceptors.cjs"),
    logLevel: "error",
  });
}

function startVariant(name) {
  const child = fork(join(here, "boundaries", "unary.cjs"), [name, cache], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const answer = () =>
    new Promise((resolve, reject) => {
      child.once("message", (message) => {
        child.off("exit", reject);
        resolve(message);
      });
      child.once("exit", reject);
    });
  return {
    ready: answer(),
    round: (calls) => {
      child.send(calls);
      return answer();
    },
    stop: () => child.disconnect(),
  };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

installPeer();
await bundleInterceptors();
const variants = VARIANTS.map(([name, what]) => ({
  name,
  what,
  wall: [],
  cpu: [],
  ...startVariant(name),
}));
for (const { name, ready } of variants) {
  const { spans, inContext } = await ready;
  // A variant that traces nothing, or has lost its context, would win.
  const traces = name === "land" || name === "peer";
  if (spans !== (traces ? 2 : 0) || inContext !== traces)
    throw new Error(`${name}: ${spans} spans, in context: ${inContext}`);
}
for (const variant of variants)
  for (let warm = 0; warm < WARM_UP; warm++) await variant.round(CALLS);
for (let round = 0; round < ROUNDS; round++) {
  // Each round begins with another one: the first to run after a pause pays for it.
  const turn = round % variants.length;
  for (const variant of [...variants.slice(turn), ...variants.slice(0, turn)]) {
    const { wall, cpu } = await variant.round(CALLS);
    variant.wall.push(wall);
    variant.cpu.push(cpu);
  }
}
for (const { stop } of variants) stop();

// Paired with the plain calls of the same round, so that a slow round is slow for both.
const plain = variants[0];
const rows = variants.map(({ name, what, wall, cpu }) => ({
  variant: name,
  what,
  wallMicroseconds: median(wall),
  cpuMicroseconds: median(cpu),
  addedWall: median(wall.map((value, round) => value - plain.wall[round])),
  addedCpu: median(cpu.map((value, round) => value - plain.cpu[round])),
}));

console.log(
  `gRPC unary call, both sides in one process, µs a call; ${ROUNDS} rounds of ${CALLS}, Node ${process.version}`,
);
console.table(
  Object.fromEntries(
    rows.map(({ variant, wallMicroseconds, cpuMicroseconds, addedWall, addedCpu }) => [
      variant,
      Object.fromEntries(
        Object.entries({
          wall: wallMicroseconds,
          "added wall": addedWall,
          cpu: cpuMicroseconds,
          "added cpu": addedCpu,
        }).map(([column, value]) => [column, value.toFixed(1)]),
      ),
    ]),
  ),
);
mkdirSync(join(here, "results"), { recursive: true });
writeFileSync(
  join(here, "results", "boundaries.json"),
  `${JSON.stringify({ date: new Date().toISOString(), node: process.version, rounds: ROUNDS, calls: CALLS, rows }, null, 2)}\n`,
);

const [land, peer] = ["land", "peer"].map((name) => rows.find((row) => row.variant === name));
console.log(
  `added CPU: ${(land.addedCpu / peer.addedCpu).toFixed(2)} × that of ${INSTRUMENTATION}`,
);
if (land.addedCpu >= peer.addedCpu) {
  console.error("The interceptors must add less than the instrumentation.");
  process.exitCode = 1;
}
