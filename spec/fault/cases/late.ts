import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { atOnce } from "../atOnce";
import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import { installPackage } from "../installPackage";
import type { Row } from "../Row";
import { balanceMisses, compare, endOf, Misses } from "../Row";
import type { Job } from "../runJob";
import { freshDirectory, runJob } from "../runJob";

const DAMAGES = ["removed", "replaced", "half replaced", "cut short"];
/** In ms after `register`: before any later load, after that of the exporter, of posthog-node, and in full use. */
const MOMENTS = [0, 50, 500, 5_000];
const EXIT_CODE = 7;
/** Outages aside, each missing part is reported once: the exporter and posthog-node. */
const MAX_LINES = 2;
const AT_ONCE = 2;
/** Enough for Node and its sockets. */
const DESCRIPTORS = 64;

/** Preloads that load the package from its own folder, in both formats. */
const PRELOADS = {
  CommonJS: ["--require", "preload.cjs", `globalThis.land = require("land-telemetry");`],
  ESM: ["--import", "preload.mjs", `globalThis.land = await import("land-telemetry");`],
} as const;
type Format = keyof typeof PRELOADS;

/** The package is damaged while its process runs, and then every public function is called. */
export const late: Case = {
  name: "late",
  async *run({ short }) {
    const rows: (() => Promise<Row>)[] = [];
    for (const kind of DAMAGES)
      for (const moment of MOMENTS)
        for (const format of ["CommonJS", "ESM"] as const)
          for (const state of ["up", "down"] as const)
            // The short form has one state of the far end for each format.
            if (!short || (format === "ESM") === (state === "up"))
              rows.push(() => damaged(kind, moment, format, state));
    yield* atOnce(AT_ONCE, rows);
    for (const moment of [0, 50]) yield await withoutDescriptors(moment);
  },
};

/** Installs the package in a folder of its own; returns the Node arguments that load it from there. */
function install(format: Format): readonly string[] {
  const home = freshDirectory();
  const folder = installPackage(home);
  const [flag, name, program] = PRELOADS[format];
  const preload = join(home, name);
  writeFileSync(preload, `${program}\nglobalThis.landFolder = ${JSON.stringify(folder)};\n`);
  return [flag, preload];
}

const WORK: NonNullable<Job["steps"]> = [
  ["spans", 5],
  ["errors", 2],
  ["events", 2],
  // The windows end meanwhile, and what is loaded for them may be there or not.
  ["pause", 250],
  ["spans", 5],
  ["errors", 1],
  ["events", 1],
  ["everything"],
];

async function damaged(
  kind: string,
  moment: number,
  format: Format,
  state: "up" | "down",
): Promise<Row> {
  const farEnd = await new FarEnd().listen();
  if (state === "down") await farEnd.close();
  const url = `http://127.0.0.1:${farEnd.port}`;
  const spool = freshDirectory();
  const wait: NonNullable<Job["steps"]> = moment === 0 ? [] : [["pause", moment]];
  // Either in the tick of `register`, or with something pending.
  const before: NonNullable<Job["steps"]> =
    moment === 0
      ? []
      : [
          ["spans", 3],
          ["events", 1],
        ];
  const result = await runJob(
    {
      host: "late",
      steps: [...before, ...wait, ["damage", kind], ...WORK],
      ending: "exit",
      exitCode: EXIT_CODE,
    },
    { url, spool, nodeArgs: install(format) },
  );
  await farEnd.recover();
  await runJob({ steps: [["flush", 10_000]] }, { url, spool });
  const misses = new Misses();
  misses.list.push(...result.journal.wrong, ...balanceMisses([result]));
  misses.expect(endOf(result) === String(EXIT_CODE), "exit");
  const lines = result.lines.filter((line) => !/does not take telemetry|is back/.test(line));
  misses.expect(lines.length <= MAX_LINES, `${lines.length} lines`);
  misses.expect(result.printed.split("\n").length - 1 <= result.lines.length, result.printed);
  const found = (["otlp", "posthog"] as const).map((pipe) =>
    compare(pipe, [result], farEnd.arrivals),
  );
  await farEnd.close();
  for (const { lostNames } of found)
    misses.expect(lostNames.length === 0, `lost ${lostNames.slice(0, 3).join(" ")}`);
  return {
    name: `${kind} ${moment} ms after register, ${format}, ${state}`,
    pipe: "both",
    accepted: found.reduce((sum, { accepted }) => sum + accepted, 0),
    delivered: found.reduce((sum, { delivered }) => sum + delivered, 0),
    lost: found.reduce((sum, { lost }) => sum + lost, 0),
    exits: [String(EXIT_CODE), endOf(result)],
    lines: lines.length,
    misses: misses.list,
  };
}

/** For a while neither a file nor a socket can be opened; what is recorded meanwhile arrives afterwards. */
async function withoutDescriptors(moment: number): Promise<Row> {
  const farEnd = await new FarEnd().listen();
  const url = `http://127.0.0.1:${farEnd.port}`;
  const result = await runJob(
    {
      host: "late",
      steps: [["pause", moment], ["exhaust"], ...WORK, ["recover"], ["settle", 10_000]],
      ending: "exit",
      exitCode: EXIT_CODE,
    },
    {
      url,
      spool: freshDirectory(),
      nodeArgs: install("CommonJS"),
      shell: `ulimit -n ${DESCRIPTORS}`,
    },
  );
  const misses = new Misses();
  misses.list.push(...result.journal.wrong, ...balanceMisses([result]));
  misses.expect(endOf(result) === String(EXIT_CODE), "exit");
  misses.expect(result.journal.settled, "not settled");
  const found = (["otlp", "posthog"] as const).map((pipe) =>
    compare(pipe, [result], farEnd.arrivals),
  );
  await farEnd.close();
  for (const { lostNames } of found)
    misses.expect(lostNames.length === 0, `lost ${lostNames.slice(0, 3).join(" ")}`);
  return {
    name: `no descriptors left ${moment} ms after register`,
    pipe: "both",
    accepted: found.reduce((sum, { accepted }) => sum + accepted, 0),
    delivered: found.reduce((sum, { delivered }) => sum + delivered, 0),
    lost: found.reduce((sum, { lost }) => sum + lost, 0),
    exits: [String(EXIT_CODE), endOf(result)],
    lines: result.lines.length,
    misses: misses.list,
  };
}
