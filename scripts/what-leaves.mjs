/**
 * Writes docs/what-leaves.md: runs the built package with every kind of span and event against a server of its own, and lists what arrives, what is on
 * the disk, and what is handed to other tiers. `--check` writes nothing and fails when the page is not what it would write.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PLACES } from "./docs/leaving/fields.mjs";
import { observe } from "./docs/leaving/observe.mjs";
import { ROOT } from "./docs/pages.mjs";

const PAGE = join(ROOT, "docs/what-leaves.md");
/** Where a run shows which values pass redaction: they come back with a mark. */
const ON_THE_WIRE = new Set([
  "traces",
  "resource",
  "attributes",
  "spanEvents",
  "batch",
  "properties",
  "exception",
]);
const HEAD = `# What leaves, field by field

This page is written by \`node scripts/what-leaves.mjs\`: it runs the package with every kind of span and event against a server on this machine and lists what arrived. CI
fails when a field leaves that is not here. What you put on spans and events yourself comes on top, redacted: see [privacy](privacy.md).

"redacted" means that the value passes redaction; "as it is" are ids, numbers and constants.
`;

const seen = await observe();
const problems = PLACES.flatMap(compare);
if (problems.length > 0) fail(problems);

const page = [HEAD, ...PLACES.map(section)].join("\n");
if (!process.argv.includes("--check")) writeFileSync(PAGE, page);
else if (!existsSync(PAGE) || readFileSync(PAGE, "utf8") !== page)
  fail([
    "docs/what-leaves.md is not what leaves: run `node scripts/what-leaves.mjs` and look at the difference.",
  ]);
process.stdout.write(
  `${PLACES.reduce((sum, { fields }) => sum + Object.keys(fields).length, 0)} fields leave, and each has its line\n`,
);

function compare({ place, title, fields, sometimes = [] }) {
  const names = [...seen[place].keys()];
  return [
    ...names
      .filter((name) => !(name in fields) && !sometimes.includes(name))
      .map(
        (name) =>
          `${title}: ${name} leaves, and scripts/docs/leaving/fields.mjs does not say what it is.`,
      ),
    ...Object.keys(fields)
      .filter((name) => !names.includes(name))
      .map((name) => `${title}: ${name} is described, and does not leave.`),
    ...Object.entries(fields)
      .filter(
        ([name, [, treated]]) =>
          ON_THE_WIRE.has(place) && seen[place].get(name)?.redacted !== (treated === "redacted"),
      )
      .map(([name, [, treated]]) => `${title}: ${name} is said to be ${treated}, and is not.`),
  ];
}

function section({ place, title, intro, fields }) {
  const where = [...seen[place].values()].some(({ on }) => on.size > 0);
  const kind = [...seen[place].values()].some(({ types }) => types.size > 0);
  const columns = [
    "field",
    ...(kind ? ["kind"] : []),
    ...(where ? ["on"] : []),
    "what it is",
    "treated",
  ];
  const rows = Object.entries(fields).map(([name, [what, treated]]) => {
    const { types, on } = seen[place].get(name);
    return [
      `\`${name}\``,
      ...(kind ? [[...types].sort().join(", ")] : []),
      ...(where ? [whereOf(place, on)] : []),
      what,
      treated,
    ];
  });
  const lines = [columns, columns.map(() => "---"), ...rows].map(
    (cells) => `| ${cells.join(" | ")} |`,
  );
  return [`## ${title}`, ...(intro === "" ? [] : [intro]), lines.join("\n"), ""]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

/** Where it was seen, or "all" for what is everywhere. */
function whereOf(place, on) {
  const everywhere = new Set([...seen[place].values()].flatMap((field) => [...field.on]));
  return on.size === everywhere.size && everywhere.size > 1
    ? "all"
    : [...on]
        .sort()
        .map((text) => (text.includes(":") ? `\`${text}\`` : text))
        .join(", ");
}

function fail(lines) {
  for (const line of lines) process.stderr.write(`✗ ${line}\n`);
  process.exit(1);
}
