/**
 * Builds dist/ from lib/:
 * - release: the release variants, which import nothing
 * - node, bundler/full: the package itself, in CommonJS for Node and as ES modules for bundlers
 * - browser/full: what a page gets, from lib/web and from what it shares with Node
 * - index.cjs, index.mjs, bundler/index.mjs, browser/index.mjs and so on: entries that choose release or one of those
 * - plugin.*: the build plugin with everything it needs
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { esmExternalRequirePlugin } from "rolldown/plugins";
import { transformSync } from "rolldown/utils";
import { makeChooser } from "./chooser.mjs";
import { buildInspectorPage } from "./inspectorPage.mjs";
import { writeNotices } from "./notices.mjs";
import { webGlobals, webPlatform } from "./webPlatform.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
rmSync("dist", { recursive: true, force: true });

/** The entries of an application, each with a release variant. Their subpaths are in package.json. */
const entries = {
  index: "lib/index.ts",
  grpc: "lib/grpc.ts",
  jsonrpc: "lib/jsonrpc.ts",
  "message-port": "lib/messagePort.ts",
  mirror: "lib/posthog/PostHogMirrorSpanProcessor.ts",
  environment: "lib/environment.ts",
  inspector: "lib/inspector/server/startInspector.ts",
  tauri: "lib/carriers/tauri.ts",
};
const releases = Object.fromEntries(
  Object.keys(entries).map((name) => [name, `lib/release/${name}.ts`]),
);
const plugin = { plugin: "lib/plugin/plugin.ts" };

/** Two copies of the API do not see each other, so it is never bundled. The others are optional peers. */
const API = "@opentelemetry/api";
const PEERS = /^(@grpc\/grpc-js|vscode-jsonrpc|@react-email\/render)(\/|$)/;
const names = Object.keys(await import(API)).filter((name) => name !== "default");
const constants = names.map((name) => `export const ${name} = api.${name};`).join("");
// With rolldown's own import of the API, each use of a name calls a bound getter, which doubles the cost of a span.
const apiOnce = {
  name: "api-once",
  resolveId: (id, importer) =>
    id !== API ? null : importer === "api" ? { id, external: true } : "api",
  load: (id) => (id === "api" ? `import * as api from "${API}";${constants}` : null),
};
const inspector = await buildInspectorPage();
const common = {
  platform: "node",
  external: [API, PEERS],
  // posthog-node does not declare this itself; without it, all of posthog-node would be bundled.
  treeshake: { moduleSideEffects: [{ test: /node_modules/, sideEffects: false }] },
  transform: {
    target: "node20.20",
    define: { BUILT_INSPECTOR_PAGE: JSON.stringify(inspector.page), OWN_FOLDER: "undefined" },
  },
  resolve: { mainFields: ["module", "main"] },
  checks: { pluginTimings: false },
};
const to = (dir, format, ending = format === "cjs" ? "cjs" : "mjs") => {
  const file = `[name].${ending}`;
  return { dir, format, entryFileNames: file, chunkFileNames: file, minifyInternalExports: false };
};
/**
 * A process that is running while the package is replaced later asks for files of the version it started with; a hash
 * of the content in the name keeps it from loading another version's. No `import()` is used, since it fails in Jest.
 */
const late = { chunkFileNames: "[name]-[hash].cjs", dynamicImportInCjs: false };
// An ES module has no `require`: what bundled CommonJS requires from outside becomes an import.
const requires = esmExternalRequirePlugin({ external: [API, PEERS, ...builtinModules] });
const isEager = (id) => /^lib.(?!inspector)|@opentelemetry/.test(relative("", id));
const shared = { name: "shared", tags: ["$initial"], minShareCount: 2, test: isEager };
const one = (input, output, options) => ({ ...common, input, output, ...options });
const node = { ...entries, cli: "lib/cli/cli.ts" };
// Only files that no bundler merges into others are known to contain no code of the application.
const { target, define } = common.transform;
const transform = { target, define: { ...define, OWN_FOLDER: "__dirname" } };
const tool = { ...plugin, webpackLoader: "lib/plugin/webpackLoader.ts" };
// Both shorten the start: fewer characters to parse, and a few files instead of twenty.
const fast = { minify: true, codeSplitting: { groups: [shared] } };
const types = dts({ dtsOnly: true, compilerOptions: { stripInternal: true } });
const plain = { ...to("dist/bundler/full", "esm"), comments: { jsdoc: false } };
/** What a page gets. Its own bundler sees the parts that are loaded later as files and bundles them as it likes. */
const web = {
  ...common,
  platform: "browser",
  transform: { target: "es2022", inject: webGlobals },
  resolve: {},
  plugins: [webPlatform],
};
const page = { index: "lib/web/index.ts" };
/** These load nothing later: some of their users cannot load anything. */
const small = { worker: "lib/web/worker.ts", tauri: "lib/carriers/tauri.ts" };
/**
 * What every page that registers loads immediately is one file. With one file per module, a page's bundler would group
 * the modules by who else uses them and end up with a dozen small files.
 */
const { output: registering } = await build({
  ...web,
  input: "lib/web/register.ts",
  write: false,
});
const [{ fileName: start }] = registering;
const loaded = new Set([start]);
for (const file of loaded)
  for (const each of registering.find(({ fileName }) => fileName === file)?.imports ?? [])
    loaded.add(each);
const atOnce = new Set(
  registering.filter(({ fileName }) => loaded.has(fileName)).flatMap(({ moduleIds }) => moduleIds),
);
/** A module's path in the package. npm packs no folder named node_modules, and the packed files are not sources. */
const placeOf = (id) =>
  relative("", id)
    .replace(/^lib[\\/]/, "own/")
    .replaceAll("node_modules", "inside")
    .replace(/\.[cm]?[jt]s$/, "")
    .replaceAll(/[^\w/@-]+/g, "-");
const built = await build([
  one(releases, to("dist/release", "cjs")),
  one(
    node,
    { ...to("dist/node", "cjs"), ...fast, ...late },
    { external: PEERS, plugins: [apiOnce], transform },
  ),
  one(entries, plain, { external: [], plugins: [requires] }),
  {
    ...web,
    input: page,
    preserveEntrySignatures: "allow-extension",
    output: {
      ...plain,
      dir: "dist/browser/full",
      codeSplitting: {
        // A file for each other module: the page's bundler drops what the page does not use and splits off later parts.
        groups: [
          { name: "atOnce", test: (id) => atOnce.has(id), priority: 2 },
          { name: placeOf, debugName: "each", test: /./, priority: 1 },
        ],
        includeDependenciesRecursively: false,
      },
    },
  },
  {
    ...web,
    input: small,
    output: {
      ...plain,
      dir: "dist/browser/small",
      preserveModules: true,
      entryFileNames: ({ name }) => `${placeOf(name)}.mjs`,
    },
  },
  one(tool, { ...to("dist", "cjs"), minify: true }),
  one({ ...entries, ...plugin }, to("dist/types", "esm", "d.ts"), {
    plugins: [types],
  }),
]);
writeNotices([...built, inspector.bundle]);

// Rolldown adds bare imports to keep the module order. No module has side effects, and esbuild warns of such imports.
const [, , , pageBuild] = built;
for (const { fileName, code } of pageBuild.output)
  writeFileSync(`dist/browser/full/${fileName}`, code.replaceAll(/^import "[^"]+";\n/gm, ""));

for (const { fileName, name, exports } of built[0].output) {
  const choice = `process.env.NODE_ENV === "production" ? require("./release/${fileName}") : require("./node/${fileName}")`;
  const all = `{ ${exports.join(", ")} }`;
  const requires = `import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);\n`;
  // Node looks for a CommonJS module's exported names in its text, and finds them in an assignment like the second.
  writeFileSync(
    `dist/${name}.cjs`,
    `module.exports = ${choice};\n0 && (module.exports = ${all});\n`,
  );
  writeFileSync(`dist/${name}.mjs`, `${requires}export const ${all} = ${choice};\n`);
  // Not bundled, since that would turn a class into a variable.
  const { code } = transformSync(releases[name], readFileSync(releases[name], "utf8"));
  writeFileSync(`dist/release/${name}.mjs`, code);
  writeFileSync(`dist/bundler/${name}.mjs`, makeChooser(code, `./full/${name}.mjs`));
  const inBrowser = name in page ? "full" : name in small ? "small" : undefined;
  if (inBrowser !== undefined)
    writeFileSync(`dist/browser/${name}.mjs`, makeChooser(code, `./${inBrowser}/${name}.mjs`));
}

// A browser's worker has its own entry with the same names as the main one; everywhere else it is the main entry.
for (const folder of ["dist/bundler", "dist/release", "dist"])
  for (const ending of folder === "dist/bundler" ? ["mjs"] : ["mjs", "cjs"])
    cpSync(`${folder}/index.${ending}`, `${folder}/worker.${ending}`);
const { code } = transformSync(releases.index, readFileSync(releases.index, "utf8"));
writeFileSync("dist/browser/worker.mjs", makeChooser(code, "./small/worker.mjs"));
cpSync("dist/types/index.d.ts", "dist/types/worker.d.ts");

// The entry that registers when it is imported is the main entry and one call of `register`.
const call = `if (process.env.NODE_ENV !== "production") register();\n`;
writeFileSync("dist/register.cjs", `const { register } = require("./index.cjs");\n${call}`);
for (const folder of ["dist", "dist/bundler"])
  writeFileSync(`${folder}/register.mjs`, `import { register } from "./index.mjs";\n${call}`);
writeFileSync("dist/release/register.cjs", "");
writeFileSync("dist/release/register.mjs", "export {};\n");
writeFileSync("dist/types/register.d.ts", "export {};\n");

// The declarations are the same for `import` and `require`; the nearest package.json says which of them they are for.
cpSync("dist/types", "dist/types-esm", { recursive: true });
writeFileSync("dist/types-esm/package.json", `{ "type": "module" }\n`);
