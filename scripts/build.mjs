/**
 * Builds dist/ from lib/. The entries are those of package.json's `exports`:
 * - release: the release variants, which import nothing
 * - node, bundler/full: the package itself, in CommonJS for Node and as ES modules for bundlers; what the sources load
 *   by `import()` is a chunk of its own
 * - *.cjs, *.mjs, bundler/*.mjs: small entries that choose between these two
 * - plugin.*: the build plugin, and all that it needs
 * - types, types-esm: the declarations for `require` and for `import`
 */
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { esmExternalRequirePlugin } from "rolldown/plugins";
import { transformSync } from "rolldown/utils";
import { makeChooser } from "./chooser.mjs";
import { buildInspectorPage } from "./inspectorPage.mjs";
import { writeNotices } from "./notices.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
rmSync("dist", { recursive: true, force: true });

const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
const entries = {};
const releases = {};
const tools = {};
for (const [path, { browser, require }] of Object.entries(exports)) {
  if (require === undefined) continue;
  const name = path === "." ? "index" : path.slice(2);
  (browser ? entries : tools)[name] = require.types.replace(/.*types\/(.*)\.d\.ts$/, "lib/$1.ts");
  if (browser) releases[name] = `lib/release/${name}.ts`;
}

/** Two copies of the API do not see each other, so it is never inside. The others are optional peers. */
const OUTSIDE = /^(@opentelemetry\/api|@grpc\/grpc-js|vscode-jsonrpc|@react-email\/render)(\/|$)/;
const common = {
  platform: "node",
  external: OUTSIDE,
  transform: {
    target: "node20.20",
    define: { BUILT_INSPECTOR_PAGE: JSON.stringify(await buildInspectorPage()) },
  },
  resolve: {
    mainFields: ["module", "main"],
    // The index of this package is CommonJS and brings an older context manager along.
    alias: {
      "@opentelemetry/context-async-hooks":
        "@opentelemetry/context-async-hooks/build/src/AsyncLocalStorageContextManager.js",
    },
  },
};
const to = (dir, format) => {
  const file = `[name].${format === "cjs" ? "cjs" : "mjs"}`;
  return { dir, format, entryFileNames: file, chunkFileNames: file };
};
// An ES module has no `require`: what CommonJS inside asks for from outside becomes an import.
const requires = esmExternalRequirePlugin({ external: [OUTSIDE, ...builtinModules] });
const loader = { webpackLoader: "lib/plugin/webpackLoader.ts" };
const built = await build([
  { ...common, input: releases, output: to("dist/release", "cjs") },
  { ...common, input: { ...entries, cli: "lib/cli/cli.ts" }, output: to("dist/node", "cjs") },
  {
    ...common,
    input: entries,
    output: to("dist/bundler/full", "esm"),
    external: [],
    plugins: [requires],
  },
  { ...common, input: { ...tools, ...loader }, output: to("dist", "cjs") },
  { ...common, input: tools, output: to("dist", "esm") },
]);
writeNotices(built);

for (const { fileName, name, exports } of built[0].output) {
  const choice = `process.env.NODE_ENV === "production" ? require("./release/${fileName}") : require("./node/${fileName}")`;
  const names = `{ ${exports.join(", ")} }`;
  // Node looks for the names of a CommonJS module in its text, and finds them in an assignment like the second.
  writeFileSync(
    `dist/${name}.cjs`,
    `module.exports = ${choice};\n0 && (module.exports = ${names});\n`,
  );
  writeFileSync(
    `dist/${name}.mjs`,
    `import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);\nexport const ${names} = ${choice};\n`,
  );
  // Printed without being bundled, which would make a variable of a class.
  const { code } = transformSync(releases[name], readFileSync(releases[name], "utf8"));
  writeFileSync(`dist/release/${name}.mjs`, code);
  writeFileSync(`dist/bundler/${name}.mjs`, makeChooser(code, `./full/${name}.mjs`));
}

execFileSync("npx", ["tsc", "-p", "tsconfig.build.json", "--outDir", "dist/types"], {
  stdio: "inherit",
});
cpSync("dist/types", "dist/types-esm", { recursive: true });
writeFileSync("dist/types-esm/package.json", `{ "type": "module" }\n`);
