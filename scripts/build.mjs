/**
 * Builds dist/ from lib/: for Node as ESM and CommonJS, for bundlers as plain ESM, and the types of both.
 *
 * The parts of the OpenTelemetry SDK that are used are inside, without the rest, because loading the packages costs
 * ten times what running them does. `@opentelemetry/api` never is: two copies of it do not see each other.
 */
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { isBuiltin } from "node:module";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { makeChooser } from "./chooser.mjs";
import { CHUNKS, ENTRIES, TOOLS, entryName, releaseFile } from "./entries.mjs";
import { exportsAgree } from "./exports.mjs";
import { inspectorPage } from "./inspectorPage.mjs";
import { writeNotices } from "./notices.mjs";

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

/** Where a file that loads something later has a variant for bundlers beside it, takes that. */
const bundlerVariants = {
  name: "bundler-variants",
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\/.*\.js$/ }, ({ path, resolveDir }) => {
      const variant = join(resolveDir, path.replace(/\.js$/, ".bundler.ts"));
      return existsSync(variant) ? { path: variant } : undefined;
    });
  },
};

/** An ES module has no `require`: what CommonJS inside asks for from outside becomes an import. */
const importedRequires = {
  name: "imported-requires",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^.]/ }, ({ path, kind }) => (kind === "require-call" && isOutside(path) ? { path, namespace: "imported-require" } : undefined));
    onLoad({ filter: /.*/, namespace: "imported-require" }, ({ path }) => ({ contents: `export * from ${JSON.stringify(path)};`, resolveDir: root }));
  },
};
const isOutside = (path) => isBuiltin(path) || EXTERNAL.includes(path);

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
  metafile: true,
  // Its index brings an older context manager along.
  alias: { "@opentelemetry/context-async-hooks": join(root, "node_modules/@opentelemetry/context-async-hooks/build/src/AsyncLocalStorageContextManager.js") },
};

if (!exportsAgree()) throw new Error("package.json `exports` differ from scripts/entries.mjs: run `npm run exports`.");

const byName = (files, fileOf) => Object.fromEntries(Object.entries(files).map(([subpath, file]) => [entryName(subpath), fileOf(subpath, file)]));
const fullEntries = byName(ENTRIES, (_, file) => file);
const releaseEntries = byName(ENTRIES, releaseFile);

const CJS = { format: "cjs", outExtension: { ".js": ".cjs" } };
const ESM = { format: "esm", outExtension: { ".js": ".mjs" } };

/** There is nothing to bundle in a release entry, and its declarations stay what they are. */
const RELEASE = { outdir: join(dist, "release"), bundle: false, alias: undefined, external: undefined, mainFields: undefined, conditions: undefined };

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);

const results = await Promise.all([
  build({ ...common, ...CJS, outdir: join(dist, "node"), entryPoints: fullEntries, external: EXTERNAL, plugins: [chunks(".cjs")] }),
  build({ ...common, ...CJS, outdir: join(dist, "node"), entryPoints: CHUNKS, external: EXTERNAL, minify: true, plugins: [chunks(".cjs"), inspectorPage] }),
  build({ ...common, ...ESM, outdir: join(dist, "bundler/full"), entryPoints: fullEntries, splitting: true, external: [...EXTERNAL, "posthog-node"], plugins: [bundlerVariants, importedRequires, inspectorPage] }),
  build({ ...common, ...ESM, ...RELEASE, entryPoints: releaseEntries }),
  build({ ...common, ...CJS, ...RELEASE, entryPoints: releaseEntries }),
  build({ ...common, ...ESM, outdir: dist, entryPoints: byName(TOOLS, (_, file) => file), packages: "external" }),
  build({ ...common, ...CJS, outdir: dist, entryPoints: byName(TOOLS, (_, file) => file), packages: "external" }),
]);
for (const { metafile } of results) {
  for (const [file, { exports }] of Object.entries(metafile.outputs)) {
    const name = basename(file, ".mjs");
    if (file !== `dist/release/${name}.mjs`) continue;
    const choice = `process.env.NODE_ENV === "production" ? require("./release/${name}.cjs") : require("./node/${name}.cjs")`;
    writeFileSync(join(dist, `${name}.cjs`), `"use strict";\nmodule.exports = ${choice};\n0 && (module.exports = { ${exports.join(", ")} });\n`);
    writeFileSync(
      join(dist, `${name}.mjs`),
      `import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);\nexport const { ${exports.join(", ")} } = ${choice};\n`,
    );
    writeFileSync(join(dist, "bundler", `${name}.mjs`), makeChooser(readFileSync(join(root, file), "utf8"), `./full/${name}.mjs`));
  }
}
const metafiles = results.map(({ metafile }) => metafile);
writeFileSync(join(dist, "metafile.json"), JSON.stringify(metafiles));
writeNotices(metafiles);

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
