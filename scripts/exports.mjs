/**
 * The `exports` of package.json, made from the entries. `node scripts/exports.mjs` writes them; `--check` fails
 * when they differ, and the build does too.
 *
 * In the order of the conditions, since the first that holds wins:
 * - `browser`, `production`: the release variant. A bundler sets the second for a release.
 * - `module`: bundlers. Plain ESM that asks for NODE_ENV inside each function, so that folding it leaves nothing.
 * - `node-addons`: Node itself, and nobody else. Small files that ask for NODE_ENV once and load one of two builds.
 * - `import`, `require`: whoever is left, such as a bundler that was given conditions of its own.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ENTRIES, TOOLS, entryName } from "./entries.mjs";

const manifestFile = join(dirname(fileURLToPath(import.meta.url)), "../package.json");

export function packageExports() {
  const entries = Object.entries(ENTRIES).map(([subpath, source]) => {
    const name = entryName(subpath);
    const by = pair(source);
    const release = by(`./dist/release/${name}.mjs`, `./dist/release/${name}.cjs`);
    const { import: node, require } = by(`./dist/${name}.mjs`, `./dist/${name}.cjs`);
    const { import: bundler } = by(`./dist/bundler/${name}.mjs`);
    return [
      subpath,
      {
        browser: release,
        production: release,
        module: bundler,
        "node-addons": { import: node, require },
        import: bundler,
        require,
      },
    ];
  });
  const tools = Object.entries(TOOLS).map(([subpath, source]) => {
    const name = entryName(subpath);
    return [subpath, pair(source)(`./dist/${name}.mjs`, `./dist/${name}.cjs`)];
  });
  return { ...Object.fromEntries([...entries, ...tools]), "./package.json": "./package.json" };
}

/** A file for `import` and one for `require`, each with its declarations, which all flavours share. */
function pair(source) {
  const types = source.replace(/^lib\//, "").replace(/\.ts$/, "");
  return (esm, cjs) => ({
    import: { types: `./dist/types-esm/${types}.d.mts`, default: esm },
    require: { types: `./dist/types/${types}.d.ts`, default: cjs },
  });
}

/** Whether package.json says what the entries say. */
export function exportsAgree() {
  return (
    JSON.stringify(JSON.parse(readFileSync(manifestFile, "utf8")).exports) ===
    JSON.stringify(packageExports())
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--check")) {
    if (!exportsAgree())
      throw new Error(
        "package.json `exports` differ from scripts/entries.mjs: run `npm run exports`.",
      );
  } else {
    const manifest = JSON.parse(readFileSync(manifestFile, "utf8"));
    writeFileSync(
      manifestFile,
      `${JSON.stringify({ ...manifest, exports: packageExports() }, undefined, 2)}\n`,
    );
  }
}
