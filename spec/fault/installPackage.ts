import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "..", "..");

/** Puts the built package into the `node_modules` of a folder, as npm would; returns the folder of its files. */
export function installPackage(home: string): string {
  const modules = join(home, "node_modules");
  const folder = join(modules, "land-telemetry");
  mkdirSync(folder, { recursive: true });
  for (const part of ["dist", "package.json"])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules/@opentelemetry"), join(modules, "@opentelemetry"));
  return join(folder, "dist");
}
