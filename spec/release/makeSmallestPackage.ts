import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The functions that return their first argument; SECOND return their second, and all others return 0. */
const FIRST = new Set([
  "inject",
  "injectPayload",
  "stripPayload",
  "markPayload",
  "trusted",
  "tracePort",
  "injectWorkerData",
  "traceInvoke",
  "traceListen",
]);
const SECOND = new Set(["traceHandler"]);
const NOTHING = new Set(["captureEvent", "captureError", "captureSession", "parseTraceparent"]);

function smallestForm(name: string): string {
  if (name === "Tier") return `export const Tier = { Cocoon: "cocoon" };`;
  if (name === "PostHogMirrorSpanProcessor") return `export class ${name} {}`;
  if (name === "withSpan") return `export function withSpan(a, b, c) { return (c ?? b)(0); }`;
  if (FIRST.has(name)) return `export function ${name}(a) { return a; }`;
  if (SECOND.has(name)) return `export function ${name}(a, b) { return b; }`;
  return `export function ${name}() {${NOTHING.has(name) ? "" : " return 0; "}}`;
}

/** Writes a package with all public names, each the smallest function that bundlers must call; remove it later. */
export function makeSmallestPackage(): string {
  const directory = mkdtempSync(join(tmpdir(), "land-smallest-"));
  const exported: Record<string, string> = {};
  for (const file of readdirSync(join(__dirname, "../../dist/release")).filter((name) =>
    name.endsWith(".cjs"),
  )) {
    const entry = file.slice(0, -".cjs".length);
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the built entry
    const names = Object.keys(require(`../../dist/release/${file}`) as object);
    writeFileSync(join(directory, `${entry}.js`), names.map(smallestForm).join("\n"));
    exported[entry === "index" ? "." : `./${entry}`] = `./${entry}.js`;
  }
  writeFileSync(
    join(directory, "package.json"),
    JSON.stringify({
      name: "land-telemetry",
      type: "module",
      sideEffects: false,
      exports: exported,
    }),
  );
  return directory;
}
