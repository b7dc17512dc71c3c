import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onMessages } from "../tiers/lines.mjs";

const PROGRAM = fileURLToPath(new URL("sidecar.mjs", import.meta.url));

/** Runs sidecar.mjs with an agent; adds every span it makes to `made`. `ended` resolves to its delivery statistics. */
export function startSidecar({ url, spool, made, args, env = {} }) {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      Capture: "true",
      Emit: "true",
      Pipe: url,
      LAND_TELEMETRY_SPOOL: spool,
      ...env,
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let books;
  let tellReady;
  const ready = new Promise((resolve) => (tellReady = resolve));
  const heard = onMessages(child.stdout, (message) => {
    if (message.stats !== undefined) books = message.stats;
    else if (message.ready) tellReady();
    else
      made.push({
        traceId: message.traceId,
        spanId: message.spanId,
        name: message.name,
        error: message.error,
      });
  });
  const ended = Promise.all([once(child, "exit"), heard]).then(([[code, signal]]) => {
    if (code !== 0) throw new Error(`A sidecar ended with ${signal ?? code}.`);
    return books;
  });
  ended.catch(() => undefined);
  return { ready, ended, tell: () => child.stdin.end("go\n"), kill: () => child.kill("SIGKILL") };
}
