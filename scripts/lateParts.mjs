/**
 * What a bundle loads later. An application's bundle is one file, and V8 reads all of a file before the first line of
 * it runs: 20 kB of code take a millisecond, and a text of the same length a tenth of that. So the parts that nothing
 * runs while a process starts are in a bundle as texts, the very bytes of the files that Node gets (dist/node), and
 * are compiled at their first use. An `import()` would not do: it comes too late at the end of a process, and few
 * bundlers make a file of it unasked.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { join } from "node:path";

const require = createRequire(import.meta.url);

/**
 * Carries out the text of a part. What a part asks for is of Node, or was given along. By node:vm rather than `eval`:
 * it has a file name in stacks, sees nothing of the application's scope, and works where code from strings is forbidden.
 */
const RUNNER = `export function run(name, text, outside) {
  const module = { exports: {} };
  const require = (id) => (id in outside ? outside[id]() : process.getBuiltinModule(id));
  const start = process.getBuiltinModule("node:vm").compileFunction(text, ["module", "exports", "require"], { filename: \`land-telemetry/\${name}.cjs\` });
  start(module, module.exports, require);
  return module.exports;
}
`;

/** Writes dist/bundler/full/late: for each part a module with one function, which gives the part's exports. */
export function writeLateParts(names, dist) {
  const directory = join(dist, "bundler/full/late");
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "run.mjs"), RUNNER);
  for (const name of names)
    writeFileSync(
      join(directory, `${name}.mjs`),
      lateModule(name, readFileSync(join(dist, `node/${name}.cjs`), "utf8")),
    );
}

function lateModule(name, text) {
  const imports = [`import { run } from "./run.mjs";`];
  const outside = [];
  for (const id of new Set([...text.matchAll(/require\("([^"]+)"\)/g)].map(([, asked]) => asked))) {
    if (isBuiltin(id)) continue;
    const part = /^\.\/(\w+)\.cjs$/.exec(id)?.[1];
    if (part === undefined) {
      // By name, so that the bundler can leave out the rest of the package.
      const used = Object.keys(require(id)).filter((key) => text.includes(`("${key}")`));
      imports.push(`import { ${used.join(", ")} } from ${JSON.stringify(id)};`);
      outside.push(`${JSON.stringify(id)}: () => ({ ${used.join(", ")} })`);
    } else if (part === name) {
      outside.push(`${JSON.stringify(id)}: load`);
    } else {
      imports.push(`import { load as ${part} } from "./${part}.mjs";`);
      outside.push(`${JSON.stringify(id)}: ${part}`);
    }
  }
  return `${imports.join("\n")}
const text = ${JSON.stringify(text.trim())};
let part;
export const load = () => (part ??= run(${JSON.stringify(name)}, text, { ${outside.join(", ")} }));
`;
}
