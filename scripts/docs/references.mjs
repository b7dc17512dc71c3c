/** What the pages name must exist: linked files and headings, file names, scripts, packages, exports, variables. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isSample, ROOT } from "./pages.mjs";

const LINK = /\]\(([^)\s]+)\)/g;
const CODE = /`([^`]+)`/g;
const FILE = /^(?:lib|spec|docs|examples|scripts|bench)\/[\w./-]+$/;
/** Written by a script and not committed. */
const GENERATED = "docs/api";
const SCRIPT = /npm (?:run )?(test|start|(?<=run )[\w:-]+)/g;
/** The separator of two cells of a table; a bar that is part of a cell is written `\\|`. */
const CELL = /(?<!\\)\|/g;
const PROGRAM = /(?:node|npx jest) ([\w./-]+\/[\w./-]+)/g;

/** Everything that is named but does not exist, as sentences. */
export async function findBrokenReferences(pages) {
  const problems = [];
  const byFile = new Map(pages.map((page) => [page.file, page]));
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  for (const page of pages) {
    const report = (line, problem) => problems.push(`${page.name}:${line}: ${problem}`);
    for (const { line, text } of page.prose) {
      for (const [, target] of text.matchAll(LINK))
        checkLink(target, page, byFile, (problem) => report(line, problem));
      for (const [, code] of text.matchAll(CODE)) {
        if (FILE.test(code) && !code.startsWith(GENERATED) && !existsSync(join(ROOT, code)))
          report(line, `there is no ${code}`);
        checkCommand(code, manifest, (problem) => report(line, problem));
      }
    }
    for (const block of page.blocks) {
      if (block.language === "sh")
        checkCommand(block.lines.join("\n"), manifest, (problem) => report(block.line, problem));
    }
  }
  problems.push(...pages.flatMap(checkTables));
  problems.push(...checkProperties(pages, byFile.get(join(ROOT, "docs/what-is-sent.md"))));
  problems.push(
    ...checkDependencies(byFile.get(join(ROOT, "CONTRIBUTING.md")), manifest),
    ...(await checkNames(byFile.get(join(ROOT, "docs/reference.md")), manifest)),
    ...checkVariables(
      byFile.get(join(ROOT, "docs/settings.md")),
      byFile.get(join(ROOT, "docs/official-settings.md")),
    ),
  );
  return problems;
}

/** Each row of a table must have as many cells as the first: others would not be shown, or be in the wrong column. */
function checkTables({ name, prose }) {
  const cells = ({ text }) => text.match(CELL)?.length;
  return prose.flatMap((row, index) => {
    const above = prose[index - 1];
    const isRow = row.text.startsWith("|") && above?.line === row.line - 1;
    return isRow && above.text.startsWith("|") && cells(row) !== cells(above)
      ? [`${name}:${row.line}: the row has a different number of cells from the row above`]
      : [];
  });
}

/** A property that a query reads must be one that is sent, or one that a sample on the same page gives to an event. */
function checkProperties(pages, sent) {
  const text = section(sent, "## Properties of events").join("\n");
  return pages.flatMap(({ name, blocks }) =>
    blocks
      .filter(({ language }) => language === "sql")
      .flatMap(({ line, lines }) =>
        [...lines.join("\n").matchAll(/properties\.([$\w]+)/g)].map(([, property]) => ({
          line,
          property,
        })),
      )
      .filter(
        ({ property }) =>
          !text.includes(`\`${property}\``) &&
          !blocks.some(
            ({ language, lines }) =>
              isSample(language) && lines.join("\n").includes(` ${property}: `),
          ),
      )
      .map(({ line, property }) => `${name}:${line}: no event has the property ${property}`),
  );
}

function checkLink(target, page, byFile, report) {
  if (/^[a-z]+:/i.test(target)) return;
  const [path, anchor] = target.split("#");
  const file = path === "" ? page.file : resolve(dirname(page.file), path);
  if (!existsSync(file)) report(`the link ${target} leads nowhere`);
  else if (anchor !== undefined && byFile.get(file)?.anchors.has(anchor) !== true)
    report(`${target}: there is no such heading`);
}

function checkCommand(text, { scripts }, report) {
  for (const [, name] of text.matchAll(SCRIPT))
    if (!(name in scripts)) report(`there is no script ${name}`);
  for (const [, program] of text.matchAll(PROGRAM)) {
    // jest accepts the beginning of a path.
    const path = join(ROOT, program);
    const known =
      existsSync(dirname(path)) &&
      readdirSync(dirname(path)).some((name) => name.startsWith(basename(path)));
    if (!known) report(`there is no ${program}`);
  }
}

/** Every dependency must have its line in CONTRIBUTING.md, and no line may be about one that is gone. */
function checkDependencies(page, { dependencies, devDependencies, peerDependencies }) {
  const declared = new Set(
    Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies }),
  );
  const described = new Set();
  for (const row of section(page, "## Dependencies")) {
    const [, first = ""] = row.split("|");
    for (const [, name] of first.matchAll(CODE)) described.add(name);
  }
  return [
    ...[...declared]
      .filter((name) => !described.has(name))
      .map((name) => `CONTRIBUTING.md: no line says why ${name} is there`),
    ...[...described]
      .filter((name) => !declared.has(name))
      .map((name) => `CONTRIBUTING.md: ${name} is described and not declared`),
  ];
}

/** Every exported name and every subpath must be in the reference. */
async function checkNames(page, { exports, name }) {
  const text = section(page, "## Public names").join("\n");
  const problems = [];
  for (const subpath of Object.keys(exports)) {
    if (subpath.endsWith(".json")) continue;
    const specifier = name + subpath.slice(1);
    if (subpath !== "." && !text.includes(`\`${specifier}\``))
      problems.push(`${page.name}: no line about ${specifier}`);
    const file = import.meta.resolve(specifier, pathToFileURL(join(ROOT, "x.mjs")));
    for (const exported of Object.keys(await import(file))) {
      // Node adds this export to CommonJS modules.
      if (exported === "default") continue;
      if (!new RegExp(`\`${exported}\\b`).test(text))
        problems.push(`${page.name}: ${exported} of ${specifier} is not among the public names`);
    }
  }
  return problems;
}

/** Environment variables. Land's own begin with a capital letter followed by lower-case ones. */
const VARIABLE = /"((?:OTEL|POSTHOG|LAND|DO_NOT)_\w+|OTLP\w+|[A-Z][a-z]\w*)"/g;

/** Every environment variable that the configuration or the doctor names must be on one of the two settings pages. */
function checkVariables(page, official) {
  const folder = join(ROOT, "lib/config");
  const names = new Set();
  for (const file of readdirSync(folder))
    for (const [, name] of readFileSync(join(folder, file), "utf8").matchAll(VARIABLE))
      names.add(name);
  const doctor = readFileSync(join(ROOT, "lib/cli/doctor/settings.ts"), "utf8");
  for (const [, name] of doctor.matchAll(/"(OTEL_\w+)"/g)) names.add(name);
  const text = [
    ...section(page, "## Every variable"),
    ...official.prose.map(({ text }) => text),
  ].join("\n");
  return [...names]
    .filter((variable) => !text.includes(`\`${variable}`))
    .map((variable) => `${page.name}: no line about ${variable}`);
}

function section(page, heading) {
  const lines = page.prose.map(({ text }) => text);
  const start = lines.indexOf(heading);
  const end = lines.findIndex((line, index) => index > start && line.startsWith("## "));
  if (start < 0) throw new Error(`${page.name} has no section "${heading}"`);
  return lines.slice(start, end < 0 ? undefined : end);
}
