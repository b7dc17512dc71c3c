import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import type { Row } from "../Row";
import { balanceMisses, endOf, Misses } from "../Row";
import type { Job, JobResult, Surroundings } from "../runJob";
import { freshDirectory, runJob } from "../runJob";

/** What counts as an error, and what does not. */
export const errors: Case = {
  name: "errors",
  async *run() {
    yield* rejections();
    yield* cancellations();
    yield* noise();
    yield* handlers();
  },
};

const MODES = ["throw", "warn", "none", "warn-with-error-code"];
const LISTENERS = ["rejections", "rejections once", "rejections that end it"];

/** Unhandled rejections in hosts that listen for them: each is seen once, and the process ends as without us. */
async function* rejections(): AsyncGenerator<Row> {
  for (const mode of MODES)
    for (const host of LISTENERS) {
      const nodeArgs = [`--unhandled-rejections=${mode}`];
      const job: Job = { host, ending: "rejection", steps: [["spans", 1]] };
      const { result, farEnd } = await runWith(job, { nodeArgs });
      const without = await runJob(
        { ...job, us: false },
        { url: "http://127.0.0.1:9", spool: freshDirectory(), nodeArgs },
      );
      const seen = tagsOf(farEnd);
      const misses = new Misses();
      misses.expect(
        seen.length === 1 && seen[0] === "unhandledRejection",
        `the events are ${JSON.stringify(seen)}`,
      );
      misses.expect(endOf(result) === endOf(without), "exit code");
      misses.expect(printed(result) === printed(without), `printed ${printed(result)}`);
      misses.list.push(...balanceMisses([result]));
      yield {
        name: `unhandled rejection, ${mode}, a host with ${host}`,
        pipe: "posthog",
        accepted: 1,
        delivered: seen.length,
        exits: [endOf(without), endOf(result)],
        misses: misses.list,
      };
    }
}

async function* cancellations(): AsyncGenerator<Row> {
  const { result, farEnd } = await runWith({ steps: [["cancelled"]] });
  const misses = new Misses();
  const seen = tagsOf(farEnd);
  const spans = farEnd.arrivals.counts.otlp.get("around") ?? 0;
  misses.expect(seen.length === 0, `the events are ${JSON.stringify(seen)}`);
  misses.expect(spans > 0 && endOf(result) === "0", "it did not run");
  misses.list.push(...balanceMisses([result]));
  yield {
    name: "requests cancelled in every way",
    pipe: "posthog",
    accepted: 0,
    delivered: seen.length,
    note: `${spans} requests`,
    misses: misses.list,
  };
}

const NOISE = 20;

/** What a host does not call an error makes no event and is in the books; a tag that it renames is the event's. */
async function* noise(): AsyncGenerator<Row> {
  const { result, farEnd } = await runWith({
    host: "rules",
    steps: [
      ["noise", NOISE],
      ["shutdown", 10_000],
    ],
  });
  const misses = new Misses();
  const seen = tagsOf(farEnd);
  const books = result.journal.stats?.posthog;
  const count = (tag: string): number => seen.filter((each) => each === tag).length;
  misses.expect(
    seen.length === 2 * NOISE && count("host:real") === NOISE && count("host:new") === NOISE,
    `the events are ${JSON.stringify([...new Set(seen)])}`,
  );
  misses.expect(books?.dropped["ignored"] === 2 * NOISE, "what was ignored is not in the books");
  misses.expect(endOf(result) === "0", "exit code");
  misses.list.push(...balanceMisses([result]));
  yield {
    name: "errors that a host calls none",
    pipe: "posthog",
    accepted: books?.accepted ?? 0,
    delivered: books?.delivered ?? 0,
    dropped: books?.dropped ?? {},
    misses: misses.list,
  };
}

const CALLS = { perSecond: 1_000, ms: 3_000, features: 20 };
/** Single events at the rate, and one for each feature and window; a busy machine has more windows. */
const MAX_EVENTS = 500;

/** Handlers that are called a thousand times a second: the events are few, and account for every call. */
async function* handlers(): AsyncGenerator<Row> {
  for (const ending of ["natural", "exit", "wait"] as const) {
    const { result, farEnd } = await runWith(
      { steps: [["handlers", CALLS]], ending },
      { env: { Throttle: "5" }, ...(ending === "wait" ? { signal: "SIGTERM" } : {}) },
    );
    const calls = Number(/calls (\d+)/.exec(result.printed)?.[1]);
    const events = farEnd.arrivals.events.filter(({ event }) => event.endsWith(":complete"));
    const runs = [...new Map(events.map(({ uuid, properties }) => [uuid, properties])).values()];
    const sum = (of: (properties: Properties) => number): number =>
      runs.reduce((total, properties) => total + of(properties), 0);
    const seen = sum(({ count }) => Number(count ?? 1));
    const failed = sum(({ count, failures, ok }) => Number(count ? failures : ok === false));
    const misses = new Misses();
    misses.expect(calls > 100 && seen === calls, `${seen} of ${calls} calls in the events`);
    misses.expect(failed === Math.ceil(calls / 10), `${failed} failures`);
    misses.expect(runs.length < MAX_EVENTS, `${runs.length} events`);
    misses.expect(
      runs.every(
        ({ count, p50_ms: p50, p95_ms: p95, max_ms: max, sum_ms: all }) =>
          count === undefined ||
          (Number(p50) <= Number(p95) && Number(p95) <= Number(max) && Number(max) <= Number(all)),
      ),
      "durations",
    );
    misses.list.push(...balanceMisses([result]));
    yield {
      name: `handlers at ${CALLS.perSecond} calls a second, ${ending === "wait" ? "SIGTERM" : ending}`,
      pipe: "posthog",
      accepted: calls,
      delivered: seen,
      lost: calls - seen,
      note: `${runs.length} events`,
      misses: misses.list,
    };
  }
}

type Properties = Readonly<Record<string, unknown>>;

/** Runs a job with a far end that works, and afterwards another that sends what it left. */
async function runWith(
  job: Job,
  more: Partial<Surroundings> = {},
): Promise<{ readonly result: JobResult; readonly farEnd: FarEnd }> {
  const farEnd = await new FarEnd().listen();
  const where = { url: `http://127.0.0.1:${farEnd.port}`, spool: freshDirectory() };
  const result = await runJob(job, { ...where, ...more });
  await runJob({ steps: [["flush", 10_000]] }, where);
  await farEnd.close();
  return { result, farEnd };
}

/** The tag of each error event that arrived; an event that is sent again has the same identity. */
function tagsOf({ arrivals }: FarEnd): unknown[] {
  const errors = arrivals.events.filter(({ event }) => event === "land:cocoon:error");
  return [
    ...new Map(errors.map(({ uuid, properties }) => [uuid, properties["error_tag"]])).values(),
  ];
}

/** What was printed, without the process's id and the frames of stacks. */
function printed(result: JobResult): string {
  return result.printed
    .replaceAll(/\(node:\d+\)/g, "(node)")
    .replaceAll(/^ {4}at .*\n/gm, "")
    .trimEnd();
}
