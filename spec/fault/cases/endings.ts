import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import type { Row } from "../Row";
import { balanceMisses, compare, endOf, Misses } from "../Row";
import type { Job, JobResult, Surroundings } from "../runJob";
import { freshDirectory, runJob } from "../runJob";

const WORK: NonNullable<Job["steps"]> = [["spans", 5], ["errors", 1], ["pause", 150], ["spans", 5], ["errors", 1], ["events", 1]];
/** The budget, with room for a busy machine: what an end costs is bounded by the rows of the far ends. */
const MAX_OVER_MS = 400;

interface Ending {
  readonly name: string;
  readonly job: Job;
  readonly signal?: NodeJS.Signals;
}

const ENDINGS: readonly Ending[] = [
  { name: "natural end", job: { ending: "natural" } },
  { name: "process.exit", job: { ending: "exit" } },
  { name: "throw", job: { ending: "throw" } },
  { name: "rejection", job: { ending: "rejection" } },
  ...(["SIGTERM", "SIGINT", "SIGHUP"] as const).map((signal): Ending => ({ name: signal, job: { ending: "wait" }, signal })),
];
const HOSTS = [undefined, "listeners", "signal-exit", "exit in a listener", "re-raise"] as const;

/** Every end of a process, whatever its host and its libraries listen to, with a far end that works and one that hangs. */
export const endings: Case = {
  name: "endings",
  async *run() {
    for (const host of HOSTS) {
      for (const ending of ENDINGS) {
        const job: Job = { ...ending.job, steps: WORK, host };
        const surroundings = ending.signal === undefined ? {} : { signal: ending.signal };
        const without = await runJob({ ...job, us: false }, { url: "http://127.0.0.1:9", spool: freshDirectory(), ...surroundings });
        for (const hung of [false, true]) yield* runEnding(`${ending.name}, ${host ?? "plain"}, ${hung ? "hung" : "healthy"}`, job, surroundings, hung, without);
      }
    }
  },
};

async function* runEnding(name: string, job: Job, how: Partial<Surroundings>, hung: boolean, without: JobResult): AsyncGenerator<Row> {
  const farEnd = await new FarEnd().listen();
  if (hung) farEnd.behaviour = () => undefined;
  const where = { url: `http://127.0.0.1:${farEnd.port}`, spool: freshDirectory() };
  const result = await runJob(job, { ...where, ...how });
  await farEnd.recover();
  await runJob({ steps: [["flush", 10_000]] }, where);
  const exits = [endOf(without), endOf(result)] as const;
  const ends = [without.endMs, result.endMs] as const;
  for (const pipe of ["otlp", "posthog"] as const) {
    const misses = new Misses();
    const { accepted, delivered, duplicates, lost } = compare(pipe, [result], farEnd.arrivals);
    misses.expect(lost === 0, `${lost} lost`);
    if (pipe === "posthog") misses.expect(duplicates === 0, "duplicates");
    misses.expect(exits[0] === exits[1], "exit code or signal");
    misses.expect(ends[1] - ends[0] <= MAX_OVER_MS, "end");
    misses.expect(result.lines.length === without.lines.length, `printed ${result.lines.join("\\n")}`);
    misses.list.push(...balanceMisses([result]));
    yield { name, pipe, accepted, delivered, duplicates, lost, exits, ends, lines: result.lines.length, misses: misses.list };
  }
  await farEnd.close();
}
