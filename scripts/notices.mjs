/**
 * The licences of the packages that dist holds parts of, as their authors wrote them: `dist/THIRD_PARTY_NOTICES.md`,
 * written by the build. `node scripts/notices.mjs --check` fails when the file is not what the build would write, or
 * is not in the tarball.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { packagesInside } from "./packagesInside.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const FILE = "dist/THIRD_PARTY_NOTICES.md";
const TEXTS = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;

/** Writes the file for what the build's metafiles say is inside. */
export function writeNotices(metafiles) {
  writeFileSync(join(root, FILE), notices(metafiles));
}

/** One text for all the packages that have the same. A package without one cannot be carried along. */
function notices(metafiles) {
  const byText = new Map();
  for (const [name, { license, directory }] of packagesInside(root, metafiles)) {
    const texts = readdirSync(directory)
      .filter((file) => TEXTS.test(file))
      .toSorted();
    if (texts.length === 0)
      throw new Error(`${name} is inside dist and brings no licence text along.`);
    for (const file of texts) {
      const text = readFileSync(join(directory, file), "utf8").replaceAll("\r\n", "\n").trim();
      byText.set(text, [...(byText.get(text) ?? []), `${name} (${license})`]);
    }
  }
  const parts = [...byText].map(
    ([text, names]) => `## ${names.join(", ")}\n\n~~~text\n${text}\n~~~\n`,
  );
  return `# Licences of what is inside\n\nParts of these packages are in the files of this directory, as the build put them together.\n\n${parts.join("\n")}`;
}

function check() {
  const metafile = join(root, "dist/metafile.json");
  if (!existsSync(metafile))
    throw new Error("There is no dist/metafile.json: run `npm run build` first.");
  const metafiles = JSON.parse(readFileSync(metafile, "utf8"));
  if (
    !existsSync(join(root, FILE)) ||
    readFileSync(join(root, FILE), "utf8") !== notices(metafiles)
  )
    throw new Error(`${FILE} is not what the build writes: run \`npm run build\`.`);
  const [{ files }] = JSON.parse(
    execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  );
  if (!files.some(({ path }) => path === FILE)) throw new Error(`${FILE} is not in the tarball.`);
  process.stdout.write(
    `${FILE} names the licences of ${packagesInside(root, metafiles).size} packages and is in the tarball.\n`,
  );
}

if (argv[1] === fileURLToPath(import.meta.url) && argv.includes("--check")) check();
