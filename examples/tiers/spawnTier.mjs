import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** All the variables that Land passes to a sidecar; USER is not among them. */
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

/** The part of an environment that a tier receives. */
export function tierEnvironment(environment) {
  return Object.fromEntries(
    HANDED_DOWN.flatMap((name) =>
      environment[name] === undefined ? [] : [[name, environment[name]]],
    ),
  );
}

/**
 * Starts the tier in a file of this folder, with the options that Node itself was started with. The tier communicates
 * over stdin and stdout and ends when its stdin does.
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
  // Anyone who awaits `exited` gets the error; until then it must not be an unhandled rejection.
  exited.catch(() => undefined);
  // Writes to a child that is gone fail.
  child.stdin.on("error", () => undefined);
  return { stdin: child.stdin, stdout: child.stdout, exited, kill: () => child.kill() };
}
