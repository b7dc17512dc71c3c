import { basename, join } from "node:path";
import { build } from "esbuild";
import { temporaryFolder } from "./temporaryFolder";

let folder: string | undefined;

/** Bundles a TypeScript file into one that a child process or a worker can run; returns its path. */
export async function bundle(entry: string): Promise<string> {
  folder ??= temporaryFolder("land-telemetry-spec-");
  const outfile = join(folder, basename(entry).replace(/\.ts$/, ".cjs"));
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    logLevel: "error",
  });
  return outfile;
}
