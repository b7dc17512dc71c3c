import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import type { Row } from "../Row";
import { balanceMisses, endOf, Misses } from "../Row";
import type { Job, JobResult } from "../runJob";
import { freshDirectory, runJob } from "../runJob";

/** What counts as an error, and what does not. */
export const errors: Case = {
  name: "errors",
  async *run() {
    yield* rejections();
    yield* cancellations();
  },
};

const MODES = ["throw", "warn", "none", "warn-with-error-code"];
const LISTENERS = ["rejections", "rejections once", "rejections that end it"];

/** Rejections that nobody handled, of hosts that listen for them: each is seen once, and ends as it did. */
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

/** Runs a job with a far end that works, and another after it that sends what it left. */
async function runWith(
  job: Job,
  more: { readonly nodeArgs?: readonly string[]; readonly env?: Record<string, string> } = {},
): Promise<{ readonly result: JobResult; readonly farEnd: FarEnd }> {
  const farEnd = await new FarEnd().listen();
  const where = { url: `http://127.0.0.1:${farEnd.port}`, spool: freshDirectory() };
  const result = await runJob(job, { ...where, ...more });
  await runJob({ steps: [["flush", 10_000]] }, where);
  await farEnd.close();
  return { result, farEnd };
}

/** Of each error event that arrived; one that is sent again has the same identity. */
function tagsOf({ arrivals }: FarEnd): unknown[] {
  const errors = arrivals.events.filter(({ event }) => event === "land:cocoon:error");
  return [
    ...new Map(errors.map(({ uuid, properties }) => [uuid, properties["error_tag"]])).values(),
  ];
}

/** But for the process's number and the frames of stacks. */
function printed(result: JobResult): string {
  return result.printed
    .replaceAll(/\(node:\d+\)/g, "(node)")
    .replaceAll(/^ {4}at .*\n/gm, "")
    .trimEnd();
}
