/** What hosts and their libraries do when their process ends, and the threads and processes that they start. */

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"];

const HOSTS = {
  /** Cleans up in its own time and ends with its own code. */
  listeners() {
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        process.exitCode = 5;
        clearInterval(globalThis.hostHandle);
      });
    }
    process.on("uncaughtException", () => (process.exitCode = 6));
    process.on("beforeExit", () => undefined);
    process.on("exit", () => undefined);
  },
  /** Every official instrumentation, with its defaults. */
  instrumented: () => require("./instrumentedHost.cjs").behave(),
  /** Its package is replaced, or it has no descriptor left. */
  late: (job) => require("./lateHost.cjs").behave(job),
  "signal-exit"() {
    require("signal-exit").onExit(() => undefined);
  },
  "exit in a listener"() {
    for (const signal of SIGNALS) process.on(signal, () => process.exit(4));
    process.on("uncaughtException", () => process.exit(4));
    process.on("beforeExit", () => process.exit(4));
  },
  "re-raise"() {
    for (const signal of SIGNALS) {
      const listener = () => {
        process.removeListener(signal, listener);
        process.kill(process.pid, signal);
      };
      process.on(signal, listener);
    }
    process.on("uncaughtException", (error) => {
      process.removeAllListeners("uncaughtException");
      throw error;
    });
  },
  /** Listens for rejections, and carries on. */
  rejections() {
    process.on("unhandledRejection", (error) => console.error(`rejected: ${error.message}`));
  },
  rules: () => ({ options: { ignoreErrors: require("./noErrors.cjs").RULES } }),
  "rejections once"() {
    process.once("unhandledRejection", (error) => console.error(`rejected: ${error.message}`));
  },
  "rejections that end it"() {
    process.on("unhandledRejection", (error) => {
      console.error(`rejected: ${error.message}`);
      process.exit(7);
    });
  },
};

const hostile = require("./hostileHosts.cjs").HOSTS;

exports.behave = (job) =>
  Object.hasOwn(hostile, job.host) ? { options: hostile[job.host]() } : HOSTS[job.host]?.(job);

exports.runWorkers = async (job, { count, steps, ending }) => {
  const { Worker } = require("node:worker_threads");
  const ends = [];
  for (let i = 0; i < count; i++) {
    const inner = { ...job, steps, ending, run: `${job.run}t${i}`, host: undefined };
    const worker = new Worker(require.resolve("./child.cjs"), { argv: [JSON.stringify(inner)] });
    ends.push(new Promise((resolve) => worker.on("exit", resolve)));
    if (ending === "terminated") worker.once("message", () => worker.terminate());
  }
  await Promise.all(ends);
};

exports.runCluster = async (job, { count, steps, ending }) => {
  const cluster = require("node:cluster");
  const ends = [];
  for (let i = 0; i < count; i++) {
    const inner = { ...job, steps, ending, run: `${job.run}c${i}`, host: undefined };
    cluster.setupPrimary({ exec: require.resolve("./child.cjs"), args: [JSON.stringify(inner)] });
    const worker = cluster.fork();
    worker.on("online", () => setTimeout(() => worker.connected && worker.disconnect(), 300));
    ends.push(new Promise((resolve) => worker.on("exit", resolve)));
  }
  await Promise.all(ends);
};
