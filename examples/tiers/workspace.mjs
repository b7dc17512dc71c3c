import { resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A path inside this repository, which is the workspace of the example. */
export function inWorkspace(path) {
  const full = resolve(ROOT, path);
  if (full !== resolve(ROOT) && !full.startsWith(resolve(ROOT) + sep))
    throw new RangeError(`${path} is outside of the workspace`);
  return full;
}
