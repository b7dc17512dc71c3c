/**
 * A tier with spans of every length, one inside the other, as handlers have them. It records what is open in its own
 * journal file: a line for each start, one before `span.end()` and one after, so that the file is true after SIGKILL.
 */
const fs = require("node:fs");
const { context, trace } = require("@opentelemetry/api");
const land = require("land-telemetry");

const job = JSON.parse(process.argv[2]);
const journal = fs.openSync(job.journal, "a");
const { writeSync } = fs;
const write = (entry) => writeSync(journal, `${JSON.stringify(entry)}\n`);
const now = () => performance.timeOrigin + performance.now();

const { tracer, lastRun } = land.register({
  tier: job.watch ? "mountain" : "cocoon",
  ...job.options,
});
write({ lastRun: lastRun ?? null, pid: process.pid });

/** How long a span lives, in ms: most end immediately, some last long. */
function life(random) {
  if (random < 0.6) return 0;
  if (random < 0.8) return 5 + 60 * Math.random();
  return 60 + 500 * Math.random();
}

let open = [];
function startOne() {
  // Half of them are inside one that is open, which may end first.
  const parent = Math.random() < 0.5 ? open[Math.floor(Math.random() * open.length)] : undefined;
  const inside = parent === undefined ? context.active() : trace.setSpan(context.active(), parent);
  const at = now();
  const attributes = {
    "rpc.method": "land.Cocoon/Call",
    "file.path": `${process.cwd()}/jane/plan.md`,
    n: open.length,
  };
  const span = tracer.startSpan("work", { attributes, root: parent === undefined }, inside);
  const { spanId } = span.spanContext();
  write({ start: spanId, parent: parent?.spanContext().spanId, at });
  open.push(span);
  const end = () => {
    write({ ending: spanId });
    span.end();
    write({ end: spanId, at: now() });
    open = open.filter((other) => other !== span);
  };
  const ms = life(Math.random());
  if (ms === 0) end();
  else setTimeout(end, ms);
}

if (job.perSecond !== undefined) {
  const began = performance.now();
  let made = 0;
  setInterval(() => {
    for (const due = ((performance.now() - began) * job.perSecond) / 1000; made < due; made++)
      startOne();
  }, 2);
}

const ENDINGS = {
  natural: () => undefined,
  exit: () => process.exit(3),
  exitCode: () => {
    process.exitCode = 4;
    process.exit();
  },
  throw: () => {
    throw new TypeError("nobody catches this");
  },
  rejection: () => void Promise.reject(new RangeError("nobody handles this")),
  survived: () => {
    process.on("uncaughtException", () => undefined);
    setTimeout(() => process.kill(process.pid, "SIGKILL"), 300);
    throw new TypeError("somebody catches this");
  },
  handlerExits: () => {
    process.on("uncaughtException", () => process.reallyExit(9));
    throw new TypeError("fatal for the host");
  },
  handlerEnds: () => {
    process.on("uncaughtException", () => process.exit(1));
    throw new TypeError("the host exits");
  },
  overflow: () => ENDINGS.overflow() + 1,
  worker: () => {
    const { Worker } = require("node:worker_threads");
    new Worker('throw new TypeError("nobody catches this in the worker")', { eval: true });
  },
  status: () => process.exit(134),
  abort: () => process.abort(),
  bus: () => process.kill(process.pid, "SIGBUS"),
  quit: () => process.kill(process.pid, "SIGQUIT"),
  user: () => process.kill(process.pid, "SIGUSR2"),
  segv: () => process.kill(process.pid, "SIGSEGV"),
  kill: () => process.kill(process.pid, "SIGKILL"),
  term: () => process.kill(process.pid, "SIGTERM"),
  int: () => process.kill(process.pid, "SIGINT"),
  hup: () => process.kill(process.pid, "SIGHUP"),
  termHandled: () => {
    process.on("SIGTERM", () => process.exit(0));
    process.kill(process.pid, "SIGTERM");
  },
  termIgnored: () => {
    process.on("SIGTERM", () => setTimeout(() => process.kill(process.pid, "SIGKILL"), 300));
    process.kill(process.pid, "SIGTERM");
  },
  reallyExit: () => process.reallyExit(5),
  memory: () => {
    const kept = [];
    for (;;) kept.push(new Array(1e5).fill(kept.length));
  },
  busy: () => {
    write({ busy: true });
    for (;;);
  },
  shutdown: () => void land.shutdown().then(() => process.exit(0)),
  stop: () => {
    process.kill(process.pid, "SIGSTOP");
    setTimeout(() => process.exit(0), 50);
  },
  wait: () => setInterval(() => undefined, 1_000),
  /** Reports the dead. */
  look: () => void land.flush(30_000).then(() => process.exit(0)),
};

/** Starts a child, and watches how it ends. */
function watch({ expected, ...child }) {
  const { spawn } = require("node:child_process");
  const given = JSON.stringify({
    ...job,
    watch: undefined,
    ...child,
    journal: `${job.journal}.child`,
  });
  const started = spawn(process.execPath, ["--max-old-space-size=40", __filename, given], {
    stdio: "ignore",
  });
  land.watchChild(started, { expected });
  if (child.killAfterMs !== undefined) setTimeout(() => started.kill("SIGKILL"), child.killAfterMs);
  started.on("close", () =>
    setTimeout(() => void land.flush(30_000).then(() => process.exit(0)), 100),
  );
}

if (job.watch !== undefined) watch(job.watch);
else if (job.how !== undefined) {
  // Two that are open for long enough to be recorded, and one that is young.
  const outer = tracer.startSpan("outer");
  const inner = tracer.startSpan("inner", {}, trace.setSpan(context.active(), outer));
  setTimeout(() => {
    tracer.startSpan("young", {}, trace.setSpan(context.active(), inner));
    if (job.launched) land.markLaunched();
    write({ over: now() });
    ENDINGS[job.how]();
  }, job.afterMs ?? 250);
}
