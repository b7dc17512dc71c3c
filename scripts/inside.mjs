/**
 * `npm run inside`: which packages dist holds parts of, at which versions, and how much of each. Nothing of
 * `@opentelemetry/api` may be among them: two copies of it do not see each other. Reads what the build wrote down.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packagesInside } from "./packagesInside.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const FORBIDDEN = "@opentelemetry/api";

const metafile = join(root, "dist/metafile.json");
if (!existsSync(metafile))
  throw new Error("There is no dist/metafile.json: run `npm run build` first.");

const rows = [...packagesInside(root, JSON.parse(readFileSync(metafile, "utf8")))].map(
  ([name, { license, files }]) => {
    const largest = [...files].toSorted(([, a], [, b]) => b - a)[0];
    return {
      package: name,
      license,
      "in files": files.size,
      "kB at most": Math.round(largest[1] / 100) / 10,
      "of which in": largest[0].replace(/^dist\//, ""),
    };
  },
);
console.table(rows);
if (rows.some(({ package: name }) => name.startsWith(`${FORBIDDEN}@`)))
  throw new Error(`${FORBIDDEN} is inside dist.`);
