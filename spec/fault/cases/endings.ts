import { boundNow } from "../busy";
import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import type { Row } from "../Row";
import { balanceMisses, compare, endOf, Misses } from "../Row";
import type { Job, JobResult } from "../runJob";
import { freshDirectory, runJob } from "../runJob";

const WORK: NonNullable<Job["steps"]> = [
  ["spans", 5],
  ["errors", 1],
  ["pause", 150],
  ["spans", 5],
  ["errors", 1],
  ["events", 1],
];
/** The budget, with room for a busy machine: the rows of the far ends bound what an end costs. */
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
  ...(["SIGTERM", "SIGINT", "SIGHUP"] as const).map((signal): Ending => ({
    name: signal,
    job: { ending: "wait" },
    signal,
  })),
];
const HOSTS = [undefined, "listeners", "signal-exit", "exit in a listener", "re-raise"] as const;

/** Every end of a process, whatever its host and libraries listen to, with a far end that works and one that hangs. */
export const endings: Case = {
  name: "endings",
  async *run() {
    for (const host of HOSTS) {
      const withouts: JobResult[] = [];
      for (const { job, signal } of ENDINGS)
        withouts.push(
          await runJob(
            { ...job, steps: WORK, host, us: false },
            { url: "http://127.0.0.1:9", spool: freshDirectory(), ...(signal && { signal }) },
          ),
        );
      for (const hung of [false, true]) {
        const farEnd = await new FarEnd().listen();
        if (hung) farEnd.behaviour = () => undefined;
        const where = { url: `http://127.0.0.1:${farEnd.port}`, spool: freshDirectory() };
        const results: JobResult[] = [];
        for (const { job, signal } of ENDINGS)
          results.push(
            await runJob({ ...job, steps: WORK, host }, { ...where, ...(signal && { signal }) }),
          );
        await farEnd.recover();
        await runJob({ steps: [["flush", 10_000]] }, where);
        await farEnd.close();
        for (const [index, { name }] of ENDINGS.entries()) {
          const [without, result] = [withouts[index], results[index]];
          if (without !== undefined && result !== undefined)
            yield* rowsOf(
              `${name}, ${host ?? "plain"}, ${hung ? "hung" : "healthy"}`,
              farEnd,
              without,
              result,
            );
        }
      }
    }
  },
};

function* rowsOf(
  name: string,
  farEnd: FarEnd,
  without: JobResult,
  result: JobResult,
): Generator<Row> {
  const exits = [endOf(without), endOf(result)] as const;
  const ends = [without.endMs, result.endMs] as const;
  for (const pipe of ["otlp", "posthog"] as const) {
    const misses = new Misses();
    const { accepted, delivered, duplicates, lost } = compare(pipe, [result], farEnd.arrivals);
    misses.expect(lost === 0, `${lost} lost`);
    if (pipe === "posthog") misses.expect(duplicates === 0, "duplicates");
    misses.expect(exits[0] === exits[1], "exit code or signal");
    misses.expect(ends[1] - ends[0] <= boundNow(MAX_OVER_MS), "end");
    misses.expect(
      textOf(result) === textOf(without),
      `printed ${JSON.stringify(textOf(result))} instead of ${JSON.stringify(textOf(without))}`,
    );
    misses.list.push(...balanceMisses([result]));
    yield {
      name,
      pipe,
      accepted,
      delivered,
      duplicates,
      lost,
      exits,
      ends,
      lines: linesOf(result),
      note: `lines without us: ${linesOf(without)}`,
      misses: misses.list,
    };
  }
}

/**
 * What was printed, including the error that Node prints, without the process's id and Node's own frames at the end
 * of a stack, which change with every AsyncLocalStorage that somebody uses.
 */
function textOf({ printed }: JobResult): string {
  return printed
    .replaceAll(/\(node:\d+\)/g, "(node)")
    .replaceAll(/^ {4}at .*\(node:internal\/.*\)\n/gm, "")
    .trimEnd();
}

function linesOf(result: JobResult): number {
  return textOf(result) === "" ? 0 : textOf(result).split("\n").length;
}
