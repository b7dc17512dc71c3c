/**
 * What the gRPC interceptors add to a unary call, compared with @opentelemetry/instrumentation-grpc in the same run.
 *
 * Each variant is a process with a client that calls a server over a port. The rounds are interleaved, so that other
 * work on the machine affects all variants alike. The figures are medians; CPU time says more than wall time on a
 * machine that is not idle. `--rounds=81`, `--calls=240` a round, `--keep`.
 */
import { execFileSync, fork } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "./support/install.mjs";
import { count } from "./support/options.mjs";
import { budget, report } from "./support/results.mjs";
import { median, round } from "./support/statistics.mjs";

const INSTRUMENTATION = "@opentelemetry/instrumentation-grpc@0.223.0";
const ROUNDS = count("rounds", 81);
const CALLS = count("calls", 240);
/** Rounds that are not counted: V8 compiles the hot paths in them. */
const WARM_UP = 15;
const VARIANTS = {
  plain: "no telemetry at all",
  off: "interceptors, nothing registered",
  land: "interceptors, registered with the PostHog pipe on",
  peer: `${INSTRUMENTATION}, the SDK with a processor that does nothing`,
};
const CACHE = join(ROOT, ".cache/bench");

/**
 * Installs the peer in a folder of its own, since it is measured and not a dependency. It uses this project's copy of
 * the API: with its own it would have no context.
 */
function installPeer() {
  mkdirSync(CACHE, { recursive: true });
  if (!existsSync(join(CACHE, "package.json")))
    writeFileSync(join(CACHE, "package.json"), '{ "private": true }\n');
  if (existsSync(join(CACHE, "node_modules/@opentelemetry/instrumentation-grpc"))) return;
  execFileSync(
    "npm",
    ["install", "--no-audit", "--no-fund", "--omit=peer", "-E", INSTRUMENTATION],
    { cwd: CACHE, stdio: ["ignore", "ignore", "inherit"] },
  );
  rmSync(join(CACHE, "node_modules/@opentelemetry/api"), { recursive: true, force: true });
}

function startVariant(name) {
  const program = fileURLToPath(new URL("boundaries/unary.cjs", import.meta.url));
  const child = fork(program, [name, CACHE], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
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

installPeer();
if (!process.argv.includes("--keep"))
  execFileSync("npm", ["run", "build", "--silent"], { cwd: ROOT, stdio: "inherit" });
const variants = Object.entries(VARIANTS).map(([name, what]) => ({
  name,
  what,
  wall: [],
  cpu: [],
  ...startVariant(name),
}));
for (const { name, ready } of variants) {
  const { spans, inContext } = await ready;
  // A variant that traces nothing, or loses its context, would come out best.
  const traces = name === "land" || name === "peer";
  if (spans !== (traces ? 2 : 0) || inContext !== traces)
    throw new Error(`${name}: ${spans} spans, in context: ${inContext}`);
}
for (const variant of variants)
  for (let warm = 0; warm < WARM_UP; warm++) await variant.round(CALLS);
for (let turn = 0; turn < ROUNDS; turn++) {
  // Each round begins with a different variant, since the first one after a pause is slower.
  const first = turn % variants.length;
  for (const variant of [...variants.slice(first), ...variants.slice(0, first)]) {
    const { wall, cpu } = await variant.round(CALLS);
    variant.wall.push(wall);
    variant.cpu.push(cpu);
  }
}
for (const { stop } of variants) stop();

// Compared with the plain calls of the same round, so that a slow round is slow for both.
const [plain] = variants;
const added = (of, values) => median(of.map((value, turn) => value - values[turn]));
const addedCpu = (name) => added(variants.find((one) => one.name === name).cpu, plain.cpu);
report(
  "boundaries",
  variants.map(({ name, what, wall, cpu }) => ({
    variant: name,
    what,
    "wall µs": round(median(wall), 1),
    "added wall": round(added(wall, plain.wall), 1),
    "CPU µs": round(median(cpu), 1),
    "added CPU": round(added(cpu, plain.cpu), 1),
  })),
  {
    budgets: [
      budget(
        "CPU that a call gains, × the official instrumentation's",
        round(addedCpu("land") / addedCpu("peer")),
        1,
      ),
    ],
    "a round": `${CALLS} unary calls, both sides in one process; ${ROUNDS} rounds`,
  },
);
