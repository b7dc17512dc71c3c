import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** All that Land hands to a sidecar; there is no USER among it. */
const HANDED_DOWN = [
  "PATH",
  "HOME",
  "Capture",
  "Report",
  "Emit",
  "Pipe",
  "Authorize",
  "Beam",
  "Brand",
  "Buffer",
  "Batch",
  "Throttle",
  "Cap",
  "Record",
];

/** What of an environment a tier gets to see. */
export function tierEnvironment(environment) {
  return Object.fromEntries(
    HANDED_DOWN.flatMap((name) =>
      environment[name] === undefined ? [] : [[name, environment[name]]],
    ),
  );
}

/**
 * Starts the tier of a file in this folder, with the options that Node itself was started with; it talks over stdin and
 * stdout, and ends when its stdin does.
 */
export function spawnTier(file, env, args = []) {
  const child = spawn(
    process.execPath,
    [...process.execArgv, fileURLToPath(new URL(file, import.meta.url)), ...args],
    { env, stdio: ["pipe", "pipe", "inherit"] },
  );
  const exited = once(child, "exit").then(([code, signal]) => {
    if (code !== 0) throw new Error(`${file} ended with ${signal ?? code}`);
  });
  // Whoever waits for the exit hears of it; until then it is not an unhandled rejection.
  exited.catch(() => undefined);
  // A child that is gone cannot be told anything.
  child.stdin.on("error", () => undefined);
  return { stdin: child.stdin, stdout: child.stdout, exited, kill: () => child.kill() };
}
