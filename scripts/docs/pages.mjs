/** The pages of this repository: their text, headings, code blocks and the comments that describe a block. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");

const FOLDERS = ["docs", "examples", "spec"];
const GENERATED = join(ROOT, "docs/api");
const FENCE = /^```(\w*)\s*$/;
const DIRECTIVE = /^<!--\s*([\w ]+?)(?::\s*(.*?))?\s*-->$/;

/** Whether a block of this language is a program. */
export function isSample(language) {
  return language === "js" || language === "ts";
}

/** Every page that people read. The API reference is generated and has its own check. */
export function readPages() {
  const files = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"]
    .map((name) => join(ROOT, name))
    .filter((file) => existsSync(file));
  for (const folder of FOLDERS) {
    for (const entry of readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      if (entry.isFile() && file.endsWith(".md") && !file.startsWith(GENERATED)) files.push(file);
    }
  }
  return files.map(readPage);
}

function readPage(file) {
  const page = { file, name: relative(ROOT, file), blocks: [], prose: [], anchors: new Set() };
  let block;
  let directives = {};
  for (const [index, line] of readFileSync(file, "utf8").split("\n").entries()) {
    const fence = FENCE.exec(line);
    if (block !== undefined) {
      if (fence === null) block.lines.push(line);
      else block = undefined;
    } else if (fence !== null) {
      block = { language: fence[1], line: index + 1, lines: [], directives };
      page.blocks.push(block);
      directives = {};
    } else {
      const directive = DIRECTIVE.exec(line.trim());
      if (directive !== null) directives[directive[1]] = directive[2] ?? "";
      else if (line.trim() !== "") directives = {};
      page.prose.push({ line: index + 1, text: line });
      const heading = /^#{1,6}\s+(.*)$/.exec(line);
      if (heading !== null) page.anchors.add(slugOf(heading[1]));
    }
  }
  return page;
}

/** The anchor that code hosts give a heading. */
function slugOf(heading) {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");
}
