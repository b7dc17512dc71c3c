import { boundNow, isBusy } from "../busy";
import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import type { Row } from "../Row";
import { compare, endOf, median, Misses } from "../Row";
import type { Job, JobResult } from "../runJob";
import { freshDirectory, runJob } from "../runJob";
import { recordsIn } from "../recordsIn";

/** How long the exit of a process with this many pending spans may take, in ms. */
const BOUNDS: readonly (readonly [spans: number, ms: number])[] = [
  [1, 5],
  [2_000, 50],
];
/** By then, what the end needs has been prepared, in ms with some room. */
const SETTLED_MS = 1_000;
/** The time for loading what could not be loaded before, in ms. */
const FIRST_TICK_MS = 25;
/** How often a run is repeated if it is disturbed. */
const MAX_REPEATS = 25;
/** Long enough that nothing is sent before the exit. */
const NO_WINDOW = {
  OTEL_BSP_SCHEDULE_DELAY: "60000",
  Buffer: "60000",
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "2048",
};

/** `process.exit` with everything pending: straight after the last `span.end()`, and with a full queue. */
export const lastMoment: Case = {
  name: "last moment",
  async *run({ repeats }) {
    const farEnd = await new FarEnd().listen();
    const url = `http://127.0.0.1:${farEnd.port}`;
    for (const [spans, boundMs] of BOUNDS) {
      // A sidecar that has been up for a second and has sent nothing yet.
      yield await pendingAtExit(`${spans} pending at exit`, spans, boundMs, {
        repeats,
        url,
        farEnd,
        before: [["pause", SETTLED_MS]],
        sessions: 2,
      });
      // The steady state of a sidecar: a batch has been sent before, and its code is loaded.
      yield await pendingAtExit(`${spans} pending at exit, warm`, spans, boundMs, {
        repeats,
        url,
        farEnd,
        before: [
          ["spans", 20],
          ["errors", 1],
          ["flush", 10_000],
        ],
        sessions: 1,
      });
      // An exit in the tick of the start, before the event loop has turned once: everything is loaded then.
      yield await pendingAtExit(
        `${spans} pending at exit, first tick`,
        spans,
        boundMs + FIRST_TICK_MS,
        { repeats, url, farEnd, before: [], sessions: 2 },
      );
    }

    const spool = freshDirectory();
    const first = await runJob({ steps: [["errors", 1]], ending: "exit" }, { url, spool });
    await runJob({ steps: [["flush", 10_000]] }, { url, spool });
    for (const pipe of ["otlp", "posthog"] as const) {
      const found = compare(pipe, [first], farEnd.arrivals);
      yield {
        name: "exit straight after end()",
        pipe,
        ...found,
        exits: ["0", endOf(first)],
        misses: found.lost === 0 && found.duplicates === 0 ? [] : ["lost or twice"],
      };
    }
    await farEnd.close();
  },
};

interface AtExit {
  readonly repeats: number;
  readonly url: string;
  readonly farEnd: FarEnd;
  /** What the process does first. */
  readonly before: NonNullable<Job["steps"]>;
  /** How many spans of the session are on disk too: its end, and its start unless it was sent before. */
  readonly sessions: number;
}

async function pendingAtExit(
  name: string,
  spans: number,
  boundMs: number,
  { repeats, url, farEnd, before, sessions }: AtExit,
): Promise<Row> {
  const env = NO_WINDOW;
  const misses = new Misses();
  const spool = freshDirectory();
  const job: Job = { steps: [...before, ["spans", spans]], ending: "exit" };
  const results: JobResult[] = [];
  // More if the first were disturbed: the work is always the same, and only a busy machine makes it longer.
  for (let i = 0; i < MAX_REPEATS && (i < repeats || leastOf(results) > boundMs); i++)
    results.push(await runJob(job, { url, spool: freshDirectory(), env }));
  const last = await runJob(job, { url, spool, env });
  const { otlp } = recordsIn(spool);
  misses.expect(otlp === spans + sessions, `${otlp} on disk`);
  await runJob({ steps: [["flush", 10_000]] }, { url, spool });
  const found = compare("otlp", [last], farEnd.arrivals);
  misses.expect(found.lost === 0, `${found.lost} lost`);
  const times = [...results, last].map(({ journal }) => journal.exitMs ?? Infinity);
  misses.expect(
    leastOf([...results, last]) <= boundNow(boundMs),
    `${leastOf([...results, last]).toFixed(1)} ms`,
  );
  const note = `exit listener ${median(times).toFixed(1)} ms, least ${Math.min(...times).toFixed(1)}${isBusy() ? ", busy machine" : ""}`;
  return { name, pipe: "otlp", ...found, exits: ["0", endOf(last)], note, misses: misses.list };
}

function leastOf(results: readonly JobResult[]): number {
  return Math.min(...results.map(({ journal }) => journal.exitMs ?? Infinity));
}
