/**
 * Writes docs/what-is-sent.md and docs/what-is-stored.md: runs the built package with every kind of span and event
 * against a local server, and lists what arrives, what is handed to other tiers and what is on disk. `--check` writes
 * nothing and fails if a page is not what it would write.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PLACES } from "./docs/sent/fields.mjs";
import { observe } from "./docs/sent/observe.mjs";
import { ROOT } from "./docs/pages.mjs";

/** The places on disk, which have their own page. */
const STORED = new Set(["files", "spool", "journal", "run", "recording"]);
/** The places where a run shows which values pass through redaction: those arrive with a mark. */
const ON_THE_WIRE = new Set([
  "traces",
  "resource",
  "attributes",
  "spanEvents",
  "batch",
  "properties",
  "exception",
]);
const LEGEND = `"redacted" means that the value passes redaction; "as it is" marks ids, numbers and constants.
`;
const PAGES = {
  "docs/what-is-sent.md": {
    head: `# What is sent, field by field

\`node scripts/what-is-sent.mjs\` writes this page: it runs the package with every kind of span and event against a server on this machine and lists what arrived. CI
fails when a field is sent that is not listed here. What you put on spans and events yourself is sent too, redacted: see [privacy](privacy.md). What is written to disk is on
[a page of its own](what-is-stored.md).

${LEGEND}`,
    places: PLACES.filter(({ place }) => !STORED.has(place)),
  },
  "docs/what-is-stored.md": {
    head: `# What is stored, field by field

\`node scripts/what-is-sent.mjs\` writes this page from the files that a run left behind. [Delivery](delivery.md) says when something is written to disk and for how long it stays.

${LEGEND}`,
    places: PLACES.filter(({ place }) => STORED.has(place)),
  },
};

const seen = await observe();
const problems = PLACES.flatMap(compare);
if (problems.length > 0) fail(problems);

for (const [name, { head, places }] of Object.entries(PAGES)) {
  const file = join(ROOT, name);
  const page = [head, ...places.map(section)].join("\n");
  if (!process.argv.includes("--check")) writeFileSync(file, page);
  else if (!existsSync(file) || readFileSync(file, "utf8") !== page)
    fail([
      `${name} is out of date: run \`node scripts/what-is-sent.mjs\` and look at the difference.`,
    ]);
}
process.stdout.write(
  `${PLACES.reduce((sum, { fields }) => sum + Object.keys(fields).length, 0)} fields are sent or stored, and each has its line\n`,
);

function compare({ place, title, fields, sometimes = [] }) {
  const names = [...seen[place].keys()];
  return [
    ...names
      .filter((name) => !(name in fields) && !sometimes.includes(name))
      .map(
        (name) =>
          `${title}: ${name} is sent or stored, and scripts/docs/sent/fields.mjs does not say what it is.`,
      ),
    ...Object.keys(fields)
      .filter((name) => !names.includes(name))
      .map((name) => `${title}: ${name} is described, and is neither sent nor stored.`),
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

/** Where a field was seen, or "all" if it was seen everywhere. */
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
