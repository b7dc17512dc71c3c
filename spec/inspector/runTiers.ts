import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ROOT } from "../support/runApp.js";

/**
 * Runs the four tiers of the example against a receiver.
 *
 * @param home The home directory of the tiers, which holds their spool.
 * @returns The exit code, once all of them have ended.
 */
export async function runTiers(
  url: string,
  home = process.env["HOME"] ?? "",
  nodeOptions: readonly string[] = [],
): Promise<number | null> {
  const mountain = spawn(
    process.execPath,
    [...nodeOptions, join(ROOT, "examples/tiers/mountain.mjs")],
    {
      env: tierEnvironment(url, home),
      // A run with Node options of its own is meant to fail.
      stdio: ["pipe", "ignore", nodeOptions.length === 0 ? "inherit" : "ignore"],
    },
  );
  const [code] = (await once(mountain, "exit")) as [number | null];
  return code;
}

/** The environment that a tier is started with. */
export function tierEnvironment(url: string, home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    HOME: home,
    Capture: "true",
    Report: "true",
    Emit: "true",
    Pipe: url,
    Beam: url,
    Authorize: "phc_example",
    Brand: "land-example",
  };
}
