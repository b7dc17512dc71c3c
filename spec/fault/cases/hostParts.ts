import { createRequire } from "node:module";
import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import type { Row } from "../Row";
import { balanceMisses, compare, endOf, Misses } from "../Row";
import type { Job, JobResult } from "../runJob";
import { freshDirectory, runJob } from "../runJob";

const names = Object.keys(
  (createRequire(__filename)("../hostileHosts.cjs") as Readonly<Record<string, object>>)["HOSTS"] ??
    {},
);
const WORK: NonNullable<Job["steps"]> = [
  ["spans", 20],
  ["errors", 3],
  ["events", 3],
];
/** The ends of a process, with the exit code that each has without us. */
const ENDINGS: readonly (readonly [name: string, job: Job, code: string])[] = [
  ["natural", { ending: "natural" }, "0"],
  ["exit", { ending: "exit" }, "0"],
  ["throw", { ending: "throw" }, "1"],
  ["shutdown", { steps: [["flush"], ["shutdown"]], ending: "natural" }, "0"],
];
const MAX_RUN_MS = 20_000;

/** What a host gives to `register` throws, hangs or lies: all that was recorded arrives, and no end changes. */
export const hostParts: Case = {
  name: "host's parts",
  async *run({ short }) {
    for (const host of names)
      for (const [ending, job, code] of short ? ENDINGS.slice(1) : ENDINGS)
        yield* broken(host, ending, job, code);
  },
};

async function* broken(host: string, ending: string, job: Job, code: string): AsyncGenerator<Row> {
  const farEnd = await new FarEnd().listen();
  const where = { url: `http://127.0.0.1:${farEnd.port}`, spool: freshDirectory() };
  const result = await runJob(
    { ...job, host, steps: [...WORK, ...(job.steps ?? [])] },
    { ...where, killAfterMs: MAX_RUN_MS },
  );
  await runJob({ steps: [["flush", 10_000]] }, where);
  await farEnd.close();
  for (const pipe of ["otlp", "posthog"] as const) {
    const misses = new Misses();
    const found = compare(pipe, [result], farEnd.arrivals);
    misses.expect(found.lost === 0, `lost ${found.lostNames.slice(0, 3).join(", ")}`);
    misses.expect(found.accepted > 0, "nothing was recorded");
    misses.expect(endOf(result) === code, `ended with ${endOf(result)}: ${firstLine(result)}`);
    for (const name of ["start", "end"])
      misses.expect(
        [...farEnd.arrivals.counts[pipe].keys()].filter((key) =>
          key.startsWith(`land:cocoon:session:${name}`),
        ).length >= 2,
        `no session ${name}`,
      );
    misses.list.push(...balanceMisses([result]));
    yield {
      name: `${host}, ${ending}`,
      pipe,
      ...found,
      exits: [code, endOf(result)],
      misses: misses.list,
    };
  }
}

function firstLine({ printed }: JobResult): string {
  return printed.split("\n").find((line) => line.includes("Error")) ?? "";
}
