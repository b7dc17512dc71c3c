/**
 * `dist/THIRD_PARTY_NOTICES.md`: the licences of the packages that dist contains parts of, as their authors wrote them.
 * The build writes it. `--check` fails if it differs from what the build would write or is not in the tarball; `--list`
 * prints the packages and their sizes. Both read dist/metafile.json, which says what each file contains.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const METAFILE = join(root, "dist/metafile.json");
const NOTICES = "dist/THIRD_PARTY_NOTICES.md";
const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;
const PACKAGE_FOLDER = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;
/** Two copies of the API do not see each other, so dist must not contain one. */
const FORBIDDEN = "@opentelemetry/api";

/** @param built The bundler's description of its outputs. */
export function writeNotices(built) {
  const metafile = {};
  for (const { fileName, modules } of built.flatMap(({ output }) => output))
    for (const [id, { renderedLength }] of Object.entries(modules))
      if (renderedLength > 0) (metafile[fileName] ??= {})[relative(root, id)] = renderedLength;
  writeFileSync(METAFILE, JSON.stringify(metafile));
  writeFileSync(join(root, NOTICES), noticesOf(packagesOf(metafile)));
}

function packagesOf(metafile) {
  const packages = new Map();
  for (const [file, modules] of Object.entries(metafile)) {
    for (const [module, bytes] of Object.entries(modules)) {
      const [folder] = PACKAGE_FOLDER.exec(module) ?? [];
      if (folder === undefined) continue;
      const { name, version, license } = JSON.parse(
        readFileSync(join(root, folder, "package.json"), "utf8"),
      );
      if (name === FORBIDDEN) throw new Error(`${FORBIDDEN} is inside ${file}.`);
      const key = `${name}@${version}`;
      const entry = packages.get(key) ?? { license, folder, files: {} };
      entry.files[file] = (entry.files[file] ?? 0) + bytes;
      packages.set(key, entry);
    }
  }
  return [...packages].sort(([a], [b]) => a.localeCompare(b));
}

function noticesOf(packages) {
  const namesByText = new Map();
  for (const [name, { license, folder }] of packages) {
    for (const text of licencesOf(join(root, folder)))
      namesByText.set(text, [...(namesByText.get(text) ?? []), `${name} (${license})`]);
  }
  const parts = [...namesByText].map(
    ([text, names]) => `## ${names.join(", ")}\n\n~~~text\n${text}\n~~~\n`,
  );
  return `# Licences of what is inside\n\nParts of these packages are in the files of this directory, as the build put them together.\n\n${parts.join("\n")}`;
}

/** The texts of a package's licence files or, if it has none, the licence section of its README. */
function licencesOf(folder) {
  const read = (file) => readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim();
  const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file));
  if (files.length > 0) return files.sort().map(read);
  const [section] = /^#+ Licen[cs]e\n[^]*/im.exec(read("README.md")) ?? [];
  if (section === undefined) throw new Error(`${folder} is inside dist and has no licence text.`);
  return [section];
}

function check(packages) {
  if (readFileSync(join(root, NOTICES), "utf8") !== noticesOf(packages))
    throw new Error(`${NOTICES} is not what the build writes: run \`npm run build\`.`);
  const packed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [{ files }] = JSON.parse(packed);
  if (!files.some(({ path }) => path === NOTICES))
    throw new Error(`${NOTICES} is not in the tarball.`);
  console.log(`${NOTICES} has the licences of ${packages.length} packages and is in the tarball.`);
}

function list(packages) {
  const rows = packages.map(([name, { license, files }]) => {
    const [[largest, bytes]] = Object.entries(files).sort(([, a], [, b]) => b - a);
    const kB = Math.round(bytes / 100) / 10;
    return {
      package: name,
      license,
      files: Object.keys(files).length,
      "kB at most": kB,
      in: largest,
    };
  });
  console.table(rows);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const packages = packagesOf(JSON.parse(readFileSync(METAFILE, "utf8")));
  if (process.argv.includes("--check")) check(packages);
  else list(packages);
}
