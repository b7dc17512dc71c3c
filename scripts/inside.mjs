/**
 * `npm run inside`: which packages dist holds parts of, at which versions, and how much of each. Nothing of
 * `@opentelemetry/api` may be among them: two copies of it do not see each other. Reads what the build wrote down.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const FORBIDDEN = "@opentelemetry/api";
/** Not what the build wrote itself, which has a namespace before a colon. */
const PACKAGE = /^([^:]*node_modules\/)((?:@[^/]+\/)?[^/]+)\//;

const metafile = join(root, "dist/metafile.json");
if (!existsSync(metafile)) throw new Error("There is no dist/metafile.json: run `npm run build` first.");

const packages = new Map();
for (const { outputs } of JSON.parse(readFileSync(metafile, "utf8"))) {
  for (const [output, { inputs }] of Object.entries(outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const [, above, name] = PACKAGE.exec(input) ?? [];
      if (name === undefined || bytesInOutput === 0) continue;
      const { version, license } = JSON.parse(readFileSync(join(root, above, name, "package.json"), "utf8"));
      const key = `${name}@${version}`;
      const entry = packages.get(key) ?? { license, files: new Map() };
      entry.files.set(output, (entry.files.get(output) ?? 0) + bytesInOutput);
      packages.set(key, entry);
    }
  }
}
const rows = [...packages].toSorted(([a], [b]) => a.localeCompare(b)).map(([name, { license, files }]) => {
  const largest = [...files].toSorted(([, a], [, b]) => b - a)[0];
  return { package: name, license, "in files": files.size, "kB at most": Math.round(largest[1] / 100) / 10, "of which in": largest[0].replace(/^dist\//, "") };
});
console.table(rows);
if (rows.some(({ package: name }) => name.startsWith(`${FORBIDDEN}@`))) throw new Error(`${FORBIDDEN} is inside dist.`);
