import { existsSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const lib = fileURLToPath(new URL("../lib/", import.meta.url));
const platform = join(lib, "web/platform");

/**
 * What stands in a browser for modules of Node's and for those of ours that need them: `lib/web/platform` has a file of
 * the same path for each, `node/<name>.ts` for a built-in one.
 */
export const webPlatform = {
  name: "web-platform",
  async resolveId(id, importer, options) {
    if (id.startsWith("node:")) return join(platform, "node", `${id.slice(5)}.ts`);
    const found = await this.resolve(id, importer, { ...options, skipSelf: true });
    const path = found === null ? ".." : relative(lib, found.id);
    if (path.startsWith("..") || path.startsWith(`web${sep}`)) return found;
    const own = join(platform, path);
    // What stands for a module may load that itself.
    return existsSync(own) && importer !== own ? own : found;
  },
};

/** The globals of Node's that shared code looks at. */
export const webGlobals = {
  process: [join(platform, "process.ts"), "process"],
  Buffer: [join(platform, "Buffer.ts"), "Buffer"],
};
