import { spawn } from "node:child_process";
import { copyFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import { installPackage } from "../installPackage";
import { Journal } from "../Journal";
import type { Row } from "../Row";
import { compare, Misses } from "../Row";
import { freshDirectory, runJob } from "../runJob";

const ROOT = join(__dirname, "..", "..", "..");
const SUITES = join(__dirname, "..", "runners");
/** Where `npm run test:runners` has installed vitest. */
const VITEST = process.env["VITEST_MODULES"];
const MAX_MS = 60_000;

/** A runner: the ending and content of its files, its configuration, and its command. */
interface Runner {
  readonly name: string;
  readonly ending: string;
  suites(): Promise<Readonly<Record<string, string>>>;
  readonly config?: readonly [file: string, content: string];
  command(home: string): readonly string[];
  /** Whether each of its processes is notified before it ends, so that nothing at all is lost. */
  readonly asks: boolean;
}

const jest = (
  name: string,
  options: Readonly<Record<string, string>>,
  asks: boolean,
  args: readonly string[],
): Runner => ({
  name: `Jest${name}`,
  ending: ".test.js",
  suites: async () =>
    ((await import(join(SUITES, "jest.cjs"))) as { default: Record<string, string> }).default,
  config: [
    "jest.config.js",
    `module.exports = { testEnvironment: "node", testEnvironmentOptions: ${JSON.stringify(options)},
      testSequencer: "./sequencer.js" };`,
  ],
  command: () => [join(ROOT, "node_modules/jest/bin/jest.js"), ...args],
  asks,
});

const modules = (
  name: string,
  runner: string,
  command: Runner["command"],
  asks: boolean,
): Runner => ({
  name,
  ending: ".test.mjs",
  suites: async () => {
    const file = join(SUITES, "modules.mjs");
    const { suitesFor } = (await import(file)) as {
      suitesFor(name: string): Record<string, string>;
    };
    return suitesFor(runner);
  },
  command,
  asks,
});

const IN_BAND = ["--runInBand"];
const RUNNERS: readonly Runner[] = [
  jest("", {}, true, IN_BAND),
  jest(", workers", {}, true, ["--maxWorkers=2"]),
  jest(", --detectOpenHandles", {}, true, ["--detectOpenHandles"]),
  jest(", globals deleted", { globalsCleanup: "on" }, true, IN_BAND),
  jest(", globals kept", { globalsCleanup: "off" }, false, IN_BAND),
  modules("node --test", "node:test", () => ["--test"], true),
  ...(VITEST === undefined
    ? []
    : ["forks", "threads", "vmForks", "vmThreads"].map((pool) =>
        modules(
          `vitest, ${pool}`,
          "vitest",
          (home) => [join(home, "node_modules/vitest/vitest.mjs"), "run", `--pool=${pool}`],
          false,
        ),
      )),
];

const FAR_ENDS: Readonly<Record<string, (farEnd: FarEnd) => void | Promise<void>>> = {
  up: () => undefined,
  refused: (farEnd) => farEnd.close(),
  hung: (farEnd) => {
    farEnd.behaviour = () => undefined;
  },
};

/**
 * The tests of a host that never calls `shutdown`: with telemetry, they end and print as they do without it. What a
 * process has pending when it is notified of its end arrives with the next one; otherwise, only errors do.
 */
export const runners: Case = {
  name: "runners",
  async *run({ short }) {
    for (const runner of RUNNERS) {
      const home = await suitesOf(runner);
      const without = await run(runner, home, { Capture: "false" });
      for (const [state, begin] of Object.entries(FAR_ENDS))
        // The second and later forms of Jest differ in how it ends, not in what it waits for.
        if (!short || state === "hung" || runner === RUNNERS[0])
          yield await tested(runner, home, state, begin, without);
    }
  },
};

async function suitesOf({ suites, ending, config }: Runner): Promise<string> {
  const home = freshDirectory();
  installPackage(home);
  copyFileSync(join(SUITES, "work.cjs"), join(home, "work.cjs"));
  copyFileSync(join(SUITES, "sequencer.cjs"), join(home, "sequencer.js"));
  if (VITEST !== undefined) symlinkSync(join(VITEST, "vitest"), join(home, "node_modules/vitest"));
  writeFileSync(join(home, "package.json"), "{}");
  if (config !== undefined) writeFileSync(join(home, config[0]), config[1]);
  for (const [name, program] of Object.entries(await suites()))
    writeFileSync(join(home, name + ending), program);
  return home;
}

interface Ran {
  readonly code: number | null;
  readonly lines: readonly string[];
}

function run(
  { command }: Runner,
  home: string,
  env: Readonly<Record<string, string>>,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command(home), {
      cwd: home,
      env: { PATH: process.env["PATH"] ?? "", HOME: home, LAND_JOURNAL: join(home, "off"), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), MAX_MS);
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (printed += chunk.toString("utf8")));
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, lines: withoutTimes(printed) });
    });
  });
}

/** The lines of a runner's report, sorted, without times and durations. */
function withoutTimes(printed: string): string[] {
  return printed
    .replaceAll(/\u001b\[[\d;]*m/g, "")
    .split("\n")
    .map((line) =>
      line.replaceAll(/node:\d+|\(?\d+([.:]\d+)* ?m?s\)?|\d+(:\d+)+|\d+\.\d+/g, "").trim(),
    )
    .filter((line) => !/^(Time:|Duration|# duration|ℹ duration|duration|Start at)/.test(line))
    .sort();
}

async function tested(
  runner: Runner,
  home: string,
  state: string,
  begin: (farEnd: FarEnd) => void | Promise<void>,
  without: Ran,
): Promise<Row> {
  const farEnd = await new FarEnd().listen();
  await begin(farEnd);
  const url = `http://127.0.0.1:${farEnd.port}`;
  const spool = freshDirectory();
  const file = join(spool, "journal");
  const on = { Capture: "true", Report: "true", Emit: "true", Authorize: "phc_fault", Brand: "me" };
  const short = { Buffer: "100", OTEL_BSP_SCHEDULE_DELAY: "100", Throttle: "1000000" };
  const places = { Pipe: url, Beam: url, LAND_TELEMETRY_SPOOL: spool, LAND_JOURNAL: file };
  const withUs = await run(runner, home, { ...on, ...short, ...places });
  await farEnd.recover();
  await runJob({ steps: [["flush", 10_000]] }, { url, spool });
  const misses = new Misses();
  misses.expect(without.code === 0, `without us: exit ${String(without.code)}`);
  misses.expect(withUs.code === 0, `exit ${String(withUs.code)}`);
  const printed = withUs.lines.filter((line) => !without.lines.includes(line));
  misses.expect(printed.length === 0, `printed ${printed.slice(0, 5).join(" / ")}`);
  const journal = new Journal(file);
  const found = compare("otlp", [{ journal }], farEnd.arrivals, () => !runner.asks);
  const events = compare(
    "posthog",
    [{ journal }],
    farEnd.arrivals,
    (name) => !runner.asks && !name.startsWith("e"),
  );
  await farEnd.close();
  misses.expect(journal.accepted("otlp").length > 0, "no suite ran");
  for (const { lostNames } of [found, events])
    misses.expect(lostNames.length === 0, `lost ${lostNames.slice(0, 3).join(" ")}`);
  return {
    name: `${runner.name}, ${state}`,
    pipe: "both",
    accepted: found.accepted + events.accepted,
    delivered: found.delivered + events.delivered,
    lost: found.lost + events.lost,
    exits: [String(without.code), String(withUs.code)],
    lines: printed.length,
    misses: misses.list,
  };
}
