/**
 * The program that the fault suite ends in every way: a tier with some work, which imports the package by name as a
 * host would. Its job is the JSON in its first argument. It records what it has handed over in a journal file, one
 * line after each `span.end()` that returned, so that the journal is true even after SIGKILL.
 */
const fs = require("node:fs");
const v8 = require("node:v8");
const { trace, SpanStatusCode } = require("@opentelemetry/api");

const job = JSON.parse(process.argv[2]);
const journal = fs.openSync(job.journal, "a");
const now = () => performance.timeOrigin + performance.now();
// The original, before a host patches it.
const { writeSync } = fs;
const write = (entry) => writeSync(journal, `${JSON.stringify(entry)}\n`);

const host = job.host === undefined ? undefined : require("./hosts.cjs").behave({ ...job, write });
let exitStarted = 0;
process.on("exit", () => (exitStarted = performance.now()));

// A preload may have loaded it from another folder.
const land = job.us ? (globalThis.land ?? require("land-telemetry")) : undefined;
/** Runs after our own processors: when it sees the span of the session start, that event is on disk. */
const sessions = {
  onStart: () => undefined,
  onEnd: ({ name }) => {
    if (name === "land:cocoon:session:start") write({ session: process.pid });
  },
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
const telemetry = land?.register({
  tier: "cocoon",
  ...job.options,
  ...host?.options,
  spanProcessors: [sessions, ...(host?.options?.spanProcessors ?? [])],
});
const tracer = telemetry?.tracer ?? trace.getTracer("host");

process.on("exit", () => {
  const exitMs = performance.now() - exitStarted;
  write({ stats: land?.stats(), exitMs, maxRss: process.resourceUsage().maxRSS * 1024 });
  if (host?.seen !== undefined) write({ seen: host.seen() });
});

let next = 0;
const prefix = `${job.run}-${process.pid}-`;

function spans(count, quiet = false) {
  const first = next;
  for (let i = 0; i < count; i++) {
    tracer.startActiveSpan(
      `w${prefix}${next++}`,
      { attributes: { "code.filepath.length": 42, "land.kind": "work" } },
      (span) => span.end(),
    );
    if (!quiet) write({ spans: [prefix, first + i, 1], at: now() });
  }
  if (quiet) write({ spans: [prefix, first, count], at: now() });
}

function errors(count) {
  for (let i = 0; i < count; i++) {
    const name = `e${prefix}${next++}`;
    const span = tracer.startSpan(name);
    span.recordException(new Error(`failure ${name}`));
    span.setStatus({ code: SpanStatusCode.ERROR, message: `failure ${name}` });
    span.end();
    write({ error: name });
  }
}

/** Failures that have nothing in common. */
function kinds(count) {
  for (let i = 0; i < count; i++) {
    const span = tracer.startSpan("kinds");
    span.recordException({ name: `Kind${i}`, message: "of its own" });
    span.setStatus({ code: SpanStatusCode.ERROR, message: "of its own" });
    span.end();
  }
}

function events(count) {
  for (let i = 0; i < count; i++) {
    const name = `c${prefix}${next++}`;
    land?.captureEvent("land:cocoon:probe", { probe: name });
    write({ event: name });
  }
}

/** Records it if the books do not balance, which they must whenever they are read. */
function balance() {
  if (land === undefined) return;
  const { otlp, posthog } = land.stats();
  for (const [pipe, books] of Object.entries({ otlp, posthog })) {
    const dropped = Object.values(books.dropped).reduce((sum, each) => sum + each, 0);
    const open =
      books.accepted -
      books.delivered -
      (books.unknown ?? 0) -
      dropped -
      books.spooled -
      books.pending;
    if (open !== 0 || Math.min(books.pending, books.spooled) < 0)
      write({ unbalanced: { pipe, books } });
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const settled = () => {
  const { otlp, posthog } = land.stats();
  return otlp.pending + otlp.spooled + posthog.pending + posthog.spooled === 0;
};

const STEPS = {
  /** Works until V8 has grown its young generation to the 32 MB that it has in every busy host. */
  work() {
    const kept = [];
    const isGrown = () =>
      v8
        .getHeapSpaceStatistics()
        .some(
          ({ space_name, space_size }) =>
            space_name === "new_space" && space_size >= 32 * 1024 * 1024,
        );
    for (let i = 0; i < 50_000_000 && !(i % 100_000 === 0 && isGrown()); i++)
      kept[i % 20_000] = { i };
  },
  /**
   * Measures from now on the longest block of the event loop, in ms that it really ran, because what others take of the
   * machine is not ours; and the peak memory, because the system's own figure includes the parent's memory.
   */
  watch() {
    let [longest, at, cpu] = [0, performance.now(), process.cpuUsage()];
    const look = () => {
      const { user, system } = process.cpuUsage(cpu);
      longest = Math.max(longest, Math.min(performance.now() - at, (user + system) / 1000));
      [at, cpu] = [performance.now(), process.cpuUsage()];
    };
    fs.writeFileSync("/proc/self/clear_refs", "5");
    write({ rss: process.memoryUsage().rss });
    setInterval(look, 1).unref();
    process.on("exit", () => {
      const [, peak] = /VmHWM:\s*(\d+) kB/.exec(fs.readFileSync("/proc/self/status", "utf8"));
      write({ block: longest, peak: Number(peak) * 1024 });
    });
  },
  spans: (count) => spans(count, count > 1000),
  errors,
  kinds,
  events,
  pause,
  /** Repeats some work until the time is over, and checks the books in between. */
  async load({ ms, everyMs = 5, spans: ordinary = 1, errorEvery = 0 }) {
    const end = performance.now() + ms;
    for (let round = 1; performance.now() < end; round++) {
      spans(ordinary, ordinary > 20);
      if (errorEvery > 0 && round % errorEvery === 0) errors(1);
      balance();
      await (everyMs === 0 ? new Promise(setImmediate) : pause(everyMs));
    }
  },
  /** Waits until everything is delivered or given up, without any help. */
  async settle(ms) {
    const end = performance.now() + ms;
    while (land !== undefined && !settled() && performance.now() < end) {
      balance();
      await pause(10);
    }
    write({ settled: land === undefined || settled() });
  },
  flush: (ms) => land?.flush(ms),
  shutdown: (ms) => land?.shutdown(ms),
  rss: () => {
    globalThis.gc?.();
    write({ rss: process.memoryUsage().rss });
  },
  sample: () => {
    globalThis.gc?.();
    write({
      sample: {
        heap: process.memoryUsage().heapUsed,
        fds: fs.readdirSync("/proc/self/fd").length,
        handles: process.getActiveResourcesInfo().length,
      },
    });
  },
  noise: (count) => require("./noErrors.cjs").noise(land, count),
  handlers: (options) => require("./noErrors.cjs").handlers(land, options),
  cancelled: () => require("./noErrors.cjs").cancelled(land),
  workers: (options) => require("./hosts.cjs").runWorkers(job, options),
  cluster: (options) => require("./hosts.cjs").runCluster(job, options),
  async soak({ ms, everyMs }) {
    const end = performance.now() + ms;
    let sampled = 0;
    while (performance.now() < end) {
      await STEPS.load({ ms: 1000, everyMs, spans: 2, errorEvery: 10 });
      if (performance.now() - sampled > 2000) {
        sampled = performance.now();
        STEPS.sample();
      }
    }
  },
};

Object.assign(STEPS, host?.steps);

const ENDINGS = {
  natural: () => undefined,
  exit: () => process.exit(job.exitCode ?? 0),
  throw: () => {
    setImmediate(() => {
      throw new Error("the host's own");
    });
  },
  rejection: () => void Promise.reject(new Error("the host's own")),
  /** A thread that its host terminates immediately, without anything in it being notified. */
  terminated: () => {
    require("node:worker_threads").parentPort.postMessage("over");
    ENDINGS.wait();
  },
  /** Lives until a signal arrives. */
  wait: () => {
    globalThis.hostHandle = setInterval(() => undefined, 1000);
  },
};

(async () => {
  write({ ready: true });
  for (const [step, value] of job.steps ?? []) await STEPS[step](value);
  balance();
  write({ over: now() });
  ENDINGS[job.ending ?? "natural"]();
})();
