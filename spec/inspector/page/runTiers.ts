import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ROOT } from "../../support/runApp.js";

/** Runs the four tiers of the example against a receiver; resolves when all of them have ended. */
export async function runTiers(url: string): Promise<void> {
  const { PATH = "", HOME = "" } = process.env;
  const env = {
    PATH,
    HOME,
    Capture: "true",
    Report: "true",
    Emit: "true",
    Pipe: url,
    Beam: url,
    Authorize: "phc_example",
    Brand: "land-example",
  };
  const mountain = spawn(process.execPath, [join(ROOT, "examples/tiers/mountain.mjs")], {
    env,
    stdio: ["pipe", "ignore", "inherit"],
  });
  const [code] = (await once(mountain, "exit")) as [number | null];
  if (code !== 0) throw new Error(`The tiers ended with ${String(code)}.`);
}
