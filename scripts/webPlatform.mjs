import { existsSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const lib = fileURLToPath(new URL("../lib/", import.meta.url));
const platform = join(lib, "web/platform");

/**
 * Replaces Node's modules, and those of ours that need them, for a browser: `lib/web/platform` has a file with the same
 * path for each of ours, and `node/<name>.ts` for a built-in one.
 */
export const webPlatform = {
  name: "web-platform",
  async resolveId(id, importer, options) {
    if (id.startsWith("node:")) return join(platform, "node", `${id.slice(5)}.ts`);
    const found = await this.resolve(id, importer, { ...options, skipSelf: true });
    const path = found === null ? ".." : relative(lib, found.id);
    if (path.startsWith("..") || path.startsWith(`web${sep}`)) return found;
    const own = join(platform, path);
    // The replacement of a module may load the module itself.
    return existsSync(own) && importer !== own ? own : found;
  },
};

/** Node's globals that the shared code uses. */
export const webGlobals = {
  process: [join(platform, "process.ts"), "process"],
  Buffer: [join(platform, "Buffer.ts"), "Buffer"],
};
