/**
 * Builds dist/ from lib/: for Node as ESM and CommonJS, for bundlers as plain ESM, and the types of both.
 *
 * The parts of the OpenTelemetry SDK that are used are inside, without the rest, because loading the packages costs
 * ten times what running them does. `@opentelemetry/api` never is: two copies of it do not see each other.
 */
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { createRequire, isBuiltin } from "node:module";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { makeChooser } from "./chooser.mjs";
import {
  CALLED_LATER,
  CHUNKS,
  EARLY_PARTS,
  ENTRIES,
  TOOLS,
  entryName,
  releaseFile,
} from "./entries.mjs";
import { exportsAgree } from "./exports.mjs";
import { inspectorPage } from "./inspectorPage.mjs";
import { writeLateParts } from "./lateParts.mjs";
import { writeNotices } from "./notices.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");
const EXTERNAL = ["@opentelemetry/api", "@grpc/grpc-js", "vscode-jsonrpc", "vscode-jsonrpc/*"];

/** The files that are loaded later: what each exports. */
const PARTS = Object.fromEntries(
  [...new Set([...Object.keys(CHUNKS), ...Object.keys(CALLED_LATER)])].map((name) => [
    name,
    [CHUNKS[name], ...(CALLED_LATER[name] ?? [])].filter((file) => file !== undefined),
  ]),
);
const PARTS_OF = new Map(
  Object.entries(CALLED_LATER).flatMap(([part, files]) =>
    files.map((file) => [join(root, file), part]),
  ),
);

/** The entry of such a file. */
const parts = {
  name: "parts",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^part:/ }, ({ path }) => ({
      path: path.slice("part:".length),
      namespace: "part",
    }));
    onLoad({ filter: /./, namespace: "part" }, ({ path }) => ({
      contents: PARTS[path]
        .map(
          (file) => `export { ${exportsOf(file).join(", ")} } from ${JSON.stringify(`./${file}`)};`,
        )
        .join("\n"),
      resolveDir: root,
    }));
  },
};

/** In place of a function that is called later, a call through to the file that holds it. */
const callsThrough = (load, own) => ({
  name: "calls-through",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const part = PARTS_OF.get(path);
      if (part === undefined || part === own) return undefined;
      const calls = exportsOf(relative(root, path)).map(
        (name) => `export function ${name}() { return part().${name}(...arguments); }`,
      );
      return {
        contents: [load(part), "let made;", "const part = () => (made ??= load());", ...calls].join(
          "\n",
        ),
        resolveDir: dirname(path),
      };
    });
  },
});
const requiredPart = (part) => `const load = () => require("./${part}.js");`;
const importedPart = (part) => `import { load } from "late:${part}";`;

/** The names of the functions that a source file exports; of a file that is called later, nothing else may be. */
function exportsOf(file) {
  const text = readFileSync(join(root, file), "utf8");
  const values = [...text.matchAll(/^export (?!type |interface |declare )(.*)$/gm)].map(
    ([, rest]) => rest,
  );
  return values.map((rest) => {
    const name = /^(?:async )?function\*? (\w+)/.exec(rest)?.[1];
    if (name === undefined)
      throw new Error(`${file} exports something else than functions: ${rest}`);
    return name;
  });
}

/** What a bundle loads later is a file beside it, by the same name. */
const chunks = (ending) => ({
  name: "chunks",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/\w+\.js$/ }, ({ path, kind }) => {
      const name = basename(path, ".js");
      return kind === "require-call" && name in PARTS
        ? { path: `./${name}${ending}`, external: true }
        : undefined;
    });
  },
});

/** A bundler is given ES modules, where what is loaded later is a file beside the entries; see `writeLateParts`. */
const lateImports = {
  name: "late-imports",
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /[\\/]load\w+\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const name = /require\("\.\/(\w+)\.js"\)/.exec(text)?.[1];
      if (name === undefined || !(name in PARTS)) return undefined;
      return {
        contents: `import { load } from "late:${name}";\n${text.replace(/require\("[^"]+"\)/, "load()")}`,
        loader: "ts",
      };
    });
    onResolve({ filter: /^late:/ }, ({ path }) => ({
      path: `./late/${path.slice("late:".length)}.mjs`,
      external: true,
    }));
  },
};

/**
 * Parts of PostHog's packages that a client which captures events never calls: each is made at its first use, or for an
 * option that is not given. In their place stands what throws, so that an upgrade that calls one is found out.
 */
const NOT_INSIDE =
  /posthog-node[\\/]dist[\\/](feature-flag-evaluations|emails[\\/]emails|capture-v1[\\/]sender|extensions[\\/](feature-flags[\\/]feature-flags|sentry-integration|error-tracking[\\/]modifiers[\\/]context-lines\.node))\.mjs$|@posthog[\\/]core[\\/]dist[\\/](traces[\\/]index|traces[\\/]span|metrics[\\/]index|logs[\\/]index|featureFlagLocalEvaluation|posthog-core|utils[\\/]user-agent-utils|utils[\\/]bot-detection|surveys[\\/]validation)\.mjs$/;
const capturingPart = {
  name: "capturing-part",
  setup({ onLoad }) {
    // Its look for compression, which the pipe has turned off, makes Node load its fetch: 85 modules in one go.
    onLoad({ filter: /@posthog[\\/]core[\\/]dist[\\/]gzip\.mjs$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const contents = text.replace(
        /function isGzipSupported\(\) \{[^}]*\}/,
        "function isGzipSupported() { return false; }",
      );
      if (contents === text) throw new Error(`${path} looks for compression in another way now.`);
      return { contents, resolveDir: dirname(path) };
    });
    onLoad({ filter: NOT_INSIDE }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const names = [...text.matchAll(/^export \{([^}]*)\};?$/gm)].flatMap(([, list]) =>
        list.split(",").map((name) => name.trim().split(" as ").at(-1)),
      );
      const passedOn = [...text.matchAll(/^export (?:\{[^}]*\}|\*) from .*$/gm)].map(
        ([whole]) => whole,
      );
      const lines = [
        ...passedOn,
        ...names.map(
          (name) =>
            `export function ${name}() { throw new Error(${JSON.stringify(`${name} of posthog-node is not inside.`)}); }`,
        ),
      ];
      return { contents: lines.join("\n"), resolveDir: dirname(path) };
    });
  },
};

/** An ES module has no `require`: what CommonJS inside asks for from outside becomes an import, by the names it uses. */
const importedRequires = {
  name: "imported-requires",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^.]/ }, ({ path, kind, importer }) =>
      kind === "require-call" && isOutside(path)
        ? {
            path: `${path} for ${relative(root, importer)}`,
            namespace: "imported-require",
            pluginData: { path, importer },
          }
        : undefined,
    );
    onLoad(
      { filter: /.*/, namespace: "imported-require" },
      ({ pluginData: { path, importer } }) => {
        const text = readFileSync(importer, "utf8");
        // As a member of what was required, or taken by its name; see `required-once`.
        const names = Object.keys(requireHere(path)).filter(
          (name) => text.includes(`.${name}`) || text.includes(`("${name}")`),
        );
        return {
          contents: `export { ${names.join(", ")} } from ${JSON.stringify(path)};`,
          resolveDir: root,
        };
      },
    );
  },
};
/**
 * What is outside is asked for once in a file, by the names that are used: each `require` of a package's name looks
 * through package.json files again, and a namespace object costs a getter for each of its names.
 */
const requiredOnce = {
  name: "required-once",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^.]/ }, ({ path, kind, importer }) =>
      kind === "import-statement" && isEverywhere(path) && !LOADED_LATER.test(importer)
        ? { path, namespace: "once", sideEffects: false }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace: "once" }, ({ path }) => {
      const names = Object.keys(requireHere(path)).filter((name) => name !== "default");
      const lines = names.map(
        (name) => `export const ${name} = /* @__PURE__ */ take(${JSON.stringify(name)});`,
      );
      return {
        contents: [
          `const whole = require(${JSON.stringify(path)});`,
          "const take = (name) => whole[name];",
          "export default whole;",
          ...lines,
        ].join("\n"),
        resolveDir: root,
      };
    });
  },
};
const requireHere = createRequire(import.meta.url);
/** Parts that nothing here uses, but what an `import()` names would make functions of all that it shares with others. */
const LOADED_LATER = /[\\/]machine-id[\\/]/;
const isEverywhere = (path) => isBuiltin(path) || path === "@opentelemetry/api";
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
  alias: {
    "@opentelemetry/context-async-hooks": join(
      root,
      "node_modules/@opentelemetry/context-async-hooks/build/src/AsyncLocalStorageContextManager.js",
    ),
  },
};

if (!exportsAgree())
  throw new Error("package.json `exports` differ from scripts/entries.mjs: run `npm run exports`.");

const byName = (files, fileOf) =>
  Object.fromEntries(
    Object.entries(files).map(([subpath, file]) => [entryName(subpath), fileOf(subpath, file)]),
  );
const fullEntries = byName(ENTRIES, (_, file) => file);
const releaseEntries = byName(ENTRIES, releaseFile);

/** What a tier loads later, as opposed to the command line's own parts. */
const LATE = Object.keys(PARTS).filter((name) => CHUNKS[name]?.startsWith("lib/cli/") !== true);

const CJS = { format: "cjs", outExtension: { ".js": ".cjs" } };
const ESM = { format: "esm", outExtension: { ".js": ".mjs" } };

/** There is nothing to bundle in a release entry, and its declarations stay what they are. */
const RELEASE = {
  outdir: join(dist, "release"),
  bundle: false,
  alias: undefined,
  external: undefined,
  mainFields: undefined,
  conditions: undefined,
};

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);

const buildParts = (names, ...plugins) =>
  build({
    ...common,
    ...CJS,
    outdir: join(dist, "node"),
    entryPoints: Object.fromEntries(
      names.map((name) => [name, CALLED_LATER[name] === undefined ? CHUNKS[name] : `part:${name}`]),
    ),
    external: EXTERNAL,
    minify: true,
    plugins: [...plugins, parts, chunks(".cjs"), requiredOnce, capturingPart, inspectorPage],
  });
const isEarly = (name) => EARLY_PARTS.includes(name);
const results = await Promise.all([
  buildParts(Object.keys(PARTS).filter((name) => !isEarly(name))),
  // These come just after the start, so that what they call later is in files of its own for them too.
  ...EARLY_PARTS.map((name) => buildParts([name], callsThrough(requiredPart, name))),
  build({
    ...common,
    ...CJS,
    outdir: join(dist, "node"),
    entryPoints: fullEntries,
    external: EXTERNAL,
    minify: true,
    plugins: [callsThrough(requiredPart), chunks(".cjs"), requiredOnce],
  }),
  build({
    ...common,
    ...ESM,
    outdir: join(dist, "bundler/full"),
    entryPoints: fullEntries,
    splitting: true,
    external: EXTERNAL,
    plugins: [callsThrough(importedPart), lateImports, importedRequires],
  }),
  build({ ...common, ...ESM, ...RELEASE, entryPoints: releaseEntries }),
  build({ ...common, ...CJS, ...RELEASE, entryPoints: releaseEntries }),
  build({
    ...common,
    ...ESM,
    outdir: dist,
    entryPoints: byName(TOOLS, (_, file) => file),
    packages: "external",
  }),
  build({
    ...common,
    ...CJS,
    outdir: dist,
    entryPoints: byName(TOOLS, (_, file) => file),
    packages: "external",
  }),
]);
for (const { metafile } of results) {
  for (const [file, { exports }] of Object.entries(metafile.outputs)) {
    const name = basename(file, ".mjs");
    if (file !== `dist/release/${name}.mjs`) continue;
    const choice = `process.env.NODE_ENV === "production" ? require("./release/${name}.cjs") : require("./node/${name}.cjs")`;
    writeFileSync(
      join(dist, `${name}.cjs`),
      `"use strict";\nmodule.exports = ${choice};\n0 && (module.exports = { ${exports.join(", ")} });\n`,
    );
    writeFileSync(
      join(dist, `${name}.mjs`),
      `import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);\nexport const { ${exports.join(", ")} } = ${choice};\n`,
    );
    writeFileSync(
      join(dist, "bundler", `${name}.mjs`),
      makeChooser(readFileSync(join(root, file), "utf8"), `./full/${name}.mjs`),
    );
  }
}
writeLateParts(LATE, dist);
const metafiles = results.map(({ metafile }) => metafile);
writeFileSync(join(dist, "metafile.json"), JSON.stringify(metafiles));
writeNotices(metafiles);

/** The declarations of lib/, once for `require` and once, under the endings of ESM, for `import`. */
const types = join(dist, "types");
execFileSync(
  process.execPath,
  [
    join(root, "node_modules/typescript/bin/tsc"),
    "-p",
    join(root, "tsconfig.build.json"),
    "--outDir",
    types,
  ],
  { stdio: "inherit" },
);
const esm = join(dist, "types-esm");
cpSync(types, esm, { recursive: true });
for (const entry of readdirSync(esm, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const file = join(entry.parentPath, entry.name);
  const text = readFileSync(file, "utf8").replaceAll(
    /(["'])(\.{1,2}\/[^"']+)\.js\1/g,
    "$1$2.mjs$1",
  );
  writeFileSync(file.replace(/\.d\.ts$/, ".d.mts"), text);
  rmSync(file);
}
if (process.argv.includes("--list"))
  for (const file of readdirSync(dist))
    process.stdout.write(`${relative(root, join(dist, file))}\n`);
