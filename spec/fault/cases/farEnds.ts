import { join } from "node:path";
import type { Pipe } from "../../../lib/shared/Stats";
import { isBusy } from "../busy";
import type { Case, Extent } from "../Case";
import { certificate } from "../certificate";
import { FarEnd } from "../FarEnd";
import type { Fault } from "../faults";
import { FAULTS } from "../faults";
import type { Row } from "../Row";
import { balanceMisses, compare, endOf, median, Misses } from "../Row";
import type { Job, JobResult } from "../runJob";
import { freshDirectory, runJob } from "../runJob";
import { recordsIn } from "../recordsIn";
import { silentNames } from "../silentNames";

/** When the work is over, batches are in flight and more is pending. */
const WORK: NonNullable<Job["steps"]> = [
  ["spans", 20],
  ["errors", 3],
  ["events", 2],
  ["pause", 300],
  ["spans", 5],
  ["errors", 1],
  ["events", 1],
];
/** How much longer than without us an end may take, in ms: imperceptibly, or the budget with some room. */
const QUICK_MS = 20;
const HUNG_MS = 260;
/** Added to that if others keep the processors busy. */
const BUSY_MS = 100;
const MAX_LINES = 2;

/** Every fault of a far end, and what remains of it after recovery. */
export const farEnds: Case = {
  name: "far ends",
  async *run(extent) {
    const without = await repeat(extent.repeats, () =>
      runJob({ steps: WORK, us: false }, { url: "http://127.0.0.1:9", spool: freshDirectory() }),
    );
    for (const fault of FAULTS)
      if (fault.name.includes(extent.fault)) yield* runFault(fault, without, extent);
  },
};

async function* runFault(
  fault: Fault,
  without: readonly JobResult[],
  { repeats }: Extent,
): AsyncGenerator<Row> {
  const farEnd = await new FarEnd().listen();
  const spool = freshDirectory();
  const url = `${fault.protocol ?? "http"}://${fault.host ?? "127.0.0.1"}:${farEnd.port}`;
  await fault.begin(farEnd);
  const names = fault.silentNames === true ? await silentNames() : undefined;
  const run = (): Promise<JobResult> =>
    runJob({ steps: WORK }, { url, spool, ...names?.surroundings });
  const during = await repeat(repeats, run);
  // A busy machine makes some ends longer; up to three times as many show whether that was the reason.
  while (during.length < 3 * repeats && overOf(without, during) > boundOf(fault))
    during.push(await run());
  names?.close();
  const spooled = recordsIn(spool);

  const tls = fault.protocol === "https" ? await certificate() : undefined;
  if (tls !== undefined) {
    await farEnd.close();
    await farEnd.listen(tls);
  } else await farEnd.recover();
  const after = await runJob(
    { steps: [["flush", 10_000]] },
    {
      url,
      spool,
      ...(fault.host === undefined
        ? {}
        : { nodeArgs: ["--require", join(__dirname, "..", "resolve.cjs")] }),
      ...(tls === undefined ? {} : { env: { NODE_EXTRA_CA_CERTS: tls.file } }),
    },
  );
  for (const pipe of ["otlp", "posthog"] as const)
    yield rowOf(fault, pipe, { farEnd, without, during, after, spooled, note: names?.note ?? "" });
  await farEnd.close();
}

interface Found {
  readonly farEnd: FarEnd;
  readonly without: readonly JobResult[];
  readonly during: readonly JobResult[];
  readonly after: JobResult;
  readonly spooled: Readonly<Record<Pipe, number>>;
  readonly note: string;
}

function rowOf(
  fault: Fault,
  pipe: Pipe,
  { farEnd, without, during, after, spooled, note }: Found,
): Row {
  const misses = new Misses();
  const results = [...during, after];
  const {
    accepted,
    delivered,
    duplicates,
    lost: missing,
  } = compare(pipe, results, farEnd.arrivals);
  const dropped: Record<string, number> = {};
  let [booked, bookedSpooled] = [0, 0];
  for (const { journal } of results) {
    const books = journal.stats?.[pipe];
    misses.expect(books !== undefined, "no final books");
    for (const [reason, count] of Object.entries(books?.dropped ?? {}))
      dropped[reason] = (dropped[reason] ?? 0) + count;
  }
  for (const { journal } of during) {
    booked += journal.stats?.[pipe].pending ?? 0;
    bookedSpooled += journal.stats?.[pipe].spooled ?? 0;
  }
  const given = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  misses.expect(booked === 0, `${booked} pending at the end`);
  // Later children adopt what earlier ones spooled, which is then in the books of both.
  misses.expect(
    during.length > 1 ? bookedSpooled >= spooled[pipe] : bookedSpooled === spooled[pipe],
    `${bookedSpooled} spooled by the books, ${spooled[pipe]} on disk`,
  );
  misses.expect(
    Object.keys(dropped).every((reason) => fault.reasons?.includes(reason) === true),
    `dropped ${JSON.stringify(dropped)}`,
  );
  const partial = fault.kind === "part" && pipe === "otlp";
  if (partial) misses.expect(given > 0, "nothing rejected");
  // Session ends are dropped too, unless unanswered when their process ended; the journals do not list them.
  const sessionEnds = during
    .flatMap(({ journal }) => journal.sessionEnds)
    .filter((name) => !farEnd.arrivals.has(pipe, name)).length;
  const lost = fault.kind === "final" ? Math.max(0, missing - given) : missing;
  if (fault.kind === "final")
    misses.expect(
      given === missing + sessionEnds,
      `${missing + sessionEnds} missing, ${given} counted`,
    );
  misses.expect(lost === 0, `${lost} lost`);
  if (pipe === "posthog") misses.expect(duplicates === 0, "duplicates");

  const ends = [medianEnd(without), medianEnd(during)] as const;
  const tooLong = overOf(without, during) > boundOf(fault);
  // The budget is a timer, and does not stretch on a busy machine.
  misses.expect(
    !tooLong || (isBusy() && overOf(without, during) <= boundOf(fault) + BUSY_MS),
    `end ${overOf(without, during).toFixed(0)} ms over`,
  );
  const exits = [endOf(without[0] as JobResult), endOf(during[0] as JobResult)] as const;
  misses.expect(
    during.every((result) => endOf(result) === exits[0]),
    "exit code",
  );
  const lines = Math.max(
    ...during.map((result) => result.lines.filter((line) => line.includes(pipe)).length),
  );
  misses.expect(lines <= MAX_LINES, `${lines} lines`);
  misses.list.push(...balanceMisses(results));
  return {
    name: fault.name,
    pipe,
    accepted,
    delivered,
    duplicates,
    dropped,
    lost,
    exits,
    ends,
    lines,
    note: tooLong && isBusy() ? "busy machine" : note,
    misses: misses.list,
  };
}

function medianEnd(results: readonly JobResult[]): number {
  return median(results.map(({ endMs }) => endMs));
}

function overOf(without: readonly JobResult[], during: readonly JobResult[]): number {
  return medianEnd(during) - medianEnd(without);
}

function boundOf(fault: Fault): number {
  return fault.hangs === true ? HUNG_MS : QUICK_MS;
}

async function repeat<T>(times: number, run: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < times; i++) results.push(await run());
  return results;
}
