/** The packages that parts of are in what was built, from esbuild's metafiles: name and version to licence, place and bytes in each file. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

// A file of a package; not a stand-in of the build's own, whose name may speak of one.
const PACKAGE = /^((?:[^:]*\/)?node_modules\/)((?:@[^/]+\/)?[^/]+)\//;

export function packagesInside(root, metafiles) {
  const packages = new Map();
  for (const { outputs } of metafiles) {
    for (const [output, { inputs }] of Object.entries(outputs)) {
      for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
        const [, above, name] = PACKAGE.exec(input) ?? [];
        if (name === undefined || bytesInOutput === 0) continue;
        const directory = join(root, above, name);
        const { version, license } = JSON.parse(
          readFileSync(join(directory, "package.json"), "utf8"),
        );
        const key = `${name}@${version}`;
        const entry = packages.get(key) ?? { license, directory, files: new Map() };
        entry.files.set(output, (entry.files.get(output) ?? 0) + bytesInOutput);
        packages.set(key, entry);
      }
    }
  }
  return new Map([...packages].toSorted(([a], [b]) => a.localeCompare(b)));
}
