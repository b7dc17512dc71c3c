import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** A collector is up in about half a second; this long, in ms, means that it never will be. */
const START_LIMIT_MS = 30_000;
const POLL_MS = 50;
/** How many lines of its log are kept to be shown if it fails. */
const KEPT_LINES = 30;

const running = new Set();
// A program that ends early must not leave a collector behind that keeps its ports.
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/**
 * Starts a collector with configurations from this folder, later ones laid over earlier ones, and waits until it is
 * ready. `health` is the host and port of its health_check. What it returns can be stopped and started again.
 */
export async function startCollector(path, { configs, env, health }) {
  const args = configs.flatMap((config) => [
    "--config",
    config.includes(":") ? config : fileURLToPath(new URL(config, import.meta.url)),
  ]);
  let child;
  let log = [];

  async function start() {
    log = [];
    child = spawn(path, args, {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const started = child;
    running.add(started);
    started.once("exit", () => running.delete(started));
    child.stderr
      .setEncoding("utf8")
      .on(
        "data",
        (text) => (log = [...log, ...text.split("\n").filter(Boolean)].slice(-KEPT_LINES)),
      );
    const limit = Date.now() + START_LIMIT_MS;
    while (!(await isReady(health))) {
      if (child.exitCode !== null)
        throw new Error(
          `${configs[0]}: the collector ended with ${child.exitCode}\n${log.join("\n")}`,
        );
      if (Date.now() > limit)
        throw new Error(`${configs[0]}: the collector is not ready\n${log.join("\n")}`);
      await wait(POLL_MS);
    }
  }

  async function stop(signal = "SIGTERM") {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }

  await start();
  return { start, stop, pid: () => child.pid, log: () => log.join("\n") };
}

async function isReady(health) {
  try {
    return (await fetch(`http://${health}/`)).ok;
  } catch {
    return false;
  }
}
