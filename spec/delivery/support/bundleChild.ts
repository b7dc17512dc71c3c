import { buildSync } from "esbuild";
import { basename, join, resolve } from "node:path";
import { temporaryFolder } from "../../support/temporaryFolder";

/**
 * Writes a program for a child process, bundled with files of lib/delivery, whose exports it finds in `delivery`.
 * The bundle is plain JavaScript, so that a child needs no compiler.
 */
export function bundleChild(files: readonly string[], program: string): string {
  const outfile = join(temporaryFolder("land-child-"), "child.cjs");
  const names = files
    .map((file) => `import * as ${basename(file)} from "./lib/delivery/${file}.ts";`)
    .join("\n");
  buildSync({
    stdin: {
      contents: `${names}\nconst delivery = { ${files.map((file) => `...${basename(file)}`).join(", ")} };\n${program}`,
      resolveDir: resolve(__dirname, "../../.."),
      loader: "js",
    },
    bundle: true,
    platform: "node",
    format: "cjs",
    logLevel: "error",
    outfile,
  });
  return outfile;
}
