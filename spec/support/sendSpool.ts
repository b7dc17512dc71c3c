import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ROOT } from "./runApp.js";

const CLI = join(ROOT, "dist/node/cli.cjs");

/** Runs `land-telemetry spool send` in its own process, which nothing else keeps alive. */
export async function sendSpool(
  env: NodeJS.ProcessEnv,
): Promise<{ readonly code: number | null; readonly out: string }> {
  const given = { PATH: process.env["PATH"], ...env };
  const child = spawn(process.execPath, [CLI, "spool", "send"], { cwd: ROOT, env: given });
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out };
}
