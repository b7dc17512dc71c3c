/**
 * Builds dist/ from lib/: for Node as ESM and CommonJS, for bundlers as plain ESM, and the types of both.
 *
 * The parts of the OpenTelemetry SDK that are used are inside, without the rest, because loading the packages costs
 * ten times what running them does. `@opentelemetry/api` never is: two copies of it do not see each other.
 */
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { CHUNKS, ENTRIES, entryName } from "./entries.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");
const EXTERNAL = ["@opentelemetry/api", "@grpc/grpc-js", "vscode-jsonrpc", "vscode-jsonrpc/*"];

/** What a bundle loads later is a file beside it, by the same name. */
const chunks = (ending) => ({
  name: "chunks",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/\w+\.js$/ }, ({ path, kind }) => {
      const name = basename(path, ".js");
      return kind === "require-call" && name in CHUNKS ? { path: `./${name}${ending}`, external: true } : undefined;
    });
  },
});

/** In Node, the API by `require` also from ESM: it has no ESM build for Node, and the loader's path to it is slow. */
const requiredApi = {
  name: "required-api",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@opentelemetry\/api$/ }, ({ pluginData }) => (pluginData === "inner" ? { path: "@opentelemetry/api", external: true } : { path: "api", namespace: "required-api" }));
    onLoad({ filter: /.*/, namespace: "required-api" }, () => ({ contents: `module.exports = require("@opentelemetry/api");`, resolveDir: root, pluginData: "inner" }));
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  mainFields: ["module", "main"],
  conditions: ["module"],
  // The SDK reads nothing of a bundler's define, and our own gates must not be folded here.
  define: {},
  legalComments: "none",
  logLevel: "warning",
  outdir: dist,
  metafile: true,
  // Its index brings an older context manager along.
  alias: { "@opentelemetry/context-async-hooks": join(root, "node_modules/@opentelemetry/context-async-hooks/build/src/AsyncLocalStorageContextManager.js") },
};

const entryPoints = Object.fromEntries(Object.entries(ENTRIES).map(([subpath, file]) => [entryName(subpath), file]));

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);

const results = await Promise.all([
  build({ ...common, entryPoints, format: "cjs", outExtension: { ".js": ".cjs" }, external: EXTERNAL, plugins: [chunks(".cjs")] }),
  build({ ...common, entryPoints: CHUNKS, format: "cjs", outExtension: { ".js": ".cjs" }, external: EXTERNAL, minifySyntax: true, plugins: [chunks(".cjs")] }),
  build({
    ...common,
    entryPoints,
    format: "esm",
    outExtension: { ".js": ".mjs" },
    external: EXTERNAL,
    banner: { js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);` },
    plugins: [chunks(".cjs"), requiredApi],
  }),
]);
writeFileSync(join(dist, "metafile.json"), JSON.stringify(results.map(({ metafile }) => metafile)));

/** The declarations of lib/, once for `require` and once, under the endings of ESM, for `import`. */
const types = join(dist, "types");
execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", join(root, "tsconfig.build.json"), "--outDir", types], { stdio: "inherit" });
const esm = join(dist, "types-esm");
cpSync(types, esm, { recursive: true });
for (const entry of readdirSync(esm, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const file = join(entry.parentPath, entry.name);
  const text = readFileSync(file, "utf8").replaceAll(/(["'])(\.{1,2}\/[^"']+)\.js\1/g, "$1$2.mjs$1");
  writeFileSync(file.replace(/\.d\.ts$/, ".d.mts"), text);
  rmSync(file);
}
if (process.argv.includes("--list")) for (const file of readdirSync(dist)) process.stdout.write(`${relative(root, join(dist, file))}\n`);
