import { join } from "node:path";
import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import type { Row } from "../Row";
import { balanceMisses, compare, endOf, Misses } from "../Row";
import type { Job, JobResult } from "../runJob";
import { freshDirectory, runJob } from "../runJob";
import { recordsIn, segmentsIn } from "../recordsIn";

const WORK: NonNullable<Job["steps"]> = [
  ["spans", 10],
  ["errors", 3],
  ["pause", 200],
  ["spans", 10],
  ["errors", 3],
];
/** Sends the end of its own session too, however long the far end of a busy machine takes to answer. */
const SEND_ALL: NonNullable<Job["steps"]> = [
  ["flush", 10_000],
  ["shutdown", 10_000],
];

/** Several processes and threads on one spool, a clock that jumps, other destinations, and an opt-out. */
export const neighbours: Case = {
  name: "neighbours",
  async *run() {
    yield* twoProcesses();
    yield* clock();
    yield* inside("worker_threads", ["workers", { count: 2, steps: WORK, ending: "natural" }]);
    yield* inside("worker_threads, exit", ["workers", { count: 2, steps: WORK, ending: "exit" }]);
    yield* inside("cluster", ["cluster", { count: 2, steps: WORK, ending: "exit" }]);
    yield* destinations();
    yield* optOut();
  },
};

/** Two processes spool together, then two adopt together: each record is adopted by exactly one. */
async function* twoProcesses(): AsyncGenerator<Row> {
  const farEnd = await new FarEnd().listen();
  await farEnd.close();
  const where = { url: `http://127.0.0.1:${farEnd.port}`, spool: freshDirectory() };
  const results = await Promise.all([1, 2].map(() => runJob({ steps: WORK }, where)));
  await farEnd.recover();
  const adopters = await Promise.all([1, 2].map(() => runJob({ steps: SEND_ALL }, where)));
  yield* rows(
    "two processes of one tier",
    farEnd,
    [...results, ...adopters],
    recordsIn(where.spool),
    true,
  );
}

async function* clock(): AsyncGenerator<Row> {
  const farEnd = await new FarEnd().listen();
  const where = {
    url: `http://127.0.0.1:${farEnd.port}`,
    spool: freshDirectory(),
    nodeArgs: ["--require", join(__dirname, "..", "shiftClock.cjs")],
  };
  const healthy = await runJob({ steps: [...WORK, ["shutdown", 250], ["errors", 1]] }, where);
  farEnd.behaviour = () => undefined;
  const hung = await runJob({ steps: [...WORK, ["shutdown", 250], ["errors", 1]] }, where);
  await farEnd.recover();
  const after = await runJob({ steps: SEND_ALL }, { ...where, nodeArgs: [] });
  yield* rows("clock set back an hour", farEnd, [healthy, hung, after], recordsIn(where.spool));
}

/** Threads and processes that a tier starts keep their own segments and ledgers. */
async function* inside(name: string, step: readonly [string, unknown]): AsyncGenerator<Row> {
  const farEnd = await new FarEnd().listen();
  await farEnd.close();
  const where = { url: `http://127.0.0.1:${farEnd.port}`, spool: freshDirectory() };
  const result = await runJob({ steps: [step, ["errors", 1]] }, where);
  const segments = segmentsIn(where.spool).filter((file) => file.includes("/posthog/")).length;
  await farEnd.recover();
  const after = await runJob({ steps: SEND_ALL }, where);
  yield* rows(
    name,
    farEnd,
    [result, after],
    recordsIn(where.spool),
    false,
    segments >= 3 ? undefined : `${segments} segments for three`,
  );
}

/** What was spooled for one collector, or one key, is not sent to another. */
async function* destinations(): AsyncGenerator<Row> {
  const [first, second] = [await new FarEnd().listen(), await new FarEnd().listen()];
  await first.close();
  const spool = freshDirectory();
  const [mine, theirs] = [`http://127.0.0.1:${first.port}`, `http://127.0.0.1:${second.port}`];
  const result = await runJob({ steps: WORK }, { url: mine, spool });
  await runJob({ steps: SEND_ALL }, { url: theirs, spool });
  await first.recover();
  // The same URL with another key finds the spans, which have no key, and none of the events.
  await runJob({ steps: SEND_ALL }, { url: mine, spool, env: { Authorize: "phc_another" } });
  const between = compare("posthog", [result], first.arrivals).delivered;
  await runJob({ steps: SEND_ALL }, { url: mine, spool });
  const strangers = result.journal
    .accepted("otlp")
    .filter(
      (name) => second.arrivals.has("otlp", name) || second.arrivals.has("posthog", name),
    ).length;
  const wrong = [
    ...(strangers > 0 ? [`${strangers} went to another URL`] : []),
    ...(between > 0 ? [`${between} went to another key`] : []),
  ];
  yield* rows("spool of another destination", first, [result], recordsIn(spool), false, wrong[0]);
  await second.close();
}

/** A pipe that is explicitly off at start deletes what it had spooled, and nothing of the other pipe's. */
async function* optOut(): AsyncGenerator<Row> {
  const farEnd = await new FarEnd().listen();
  await farEnd.close();
  const spool = freshDirectory();
  const where = { url: `http://127.0.0.1:${farEnd.port}`, spool };
  await runJob({ steps: WORK }, where);
  const before = recordsIn(spool);
  await runJob({ steps: [] }, { ...where, env: { Capture: "" } });
  const unset = recordsIn(spool);
  await runJob({ steps: [] }, { ...where, env: { Report: "false", Capture: "" } });
  const report = recordsIn(spool);
  await runJob({ steps: [] }, { ...where, env: { Capture: "false" } });
  const capture = recordsIn(spool);
  const misses = new Misses();
  misses.expect(before.otlp > 0 && before.posthog > 0, "nothing spooled");
  misses.expect(
    unset.otlp === before.otlp && unset.posthog === before.posthog,
    "an unset variable deleted something",
  );
  misses.expect(report.posthog === 0 && report.otlp === before.otlp, "Report=false");
  misses.expect(
    capture.posthog + capture.otlp === 0 && segmentsIn(spool).length === 0,
    "Capture=false",
  );
  yield {
    name: "opt-out deletes the spool",
    pipe: "both",
    accepted: before.otlp + before.posthog,
    note: `Report=false leaves ${report.otlp}+${report.posthog}, Capture=false ${capture.otlp + capture.posthog}`,
    misses: misses.list,
  };
}

async function* rows(
  name: string,
  farEnd: FarEnd,
  results: readonly JobResult[],
  left: Readonly<Record<"otlp" | "posthog", number>>,
  once = false,
  miss?: string,
): AsyncGenerator<Row> {
  for (const pipe of ["otlp", "posthog"] as const) {
    const misses = new Misses();
    const found = compare(pipe, results, farEnd.arrivals);
    misses.expect(found.lost === 0, `${found.lost} lost`);
    if (pipe === "posthog" || once)
      misses.expect(found.duplicates === 0, `${found.duplicates} duplicates`);
    misses.expect(left[pipe] === 0, `${left[pipe]} left in the spool`);
    misses.expect(
      results.every((result) => endOf(result) === "0"),
      "exit code",
    );
    if (miss !== undefined) misses.list.push(miss);
    misses.list.push(...balanceMisses(results));
    yield { name, pipe, ...found, exits: ["0", results.map(endOf).join(",")], misses: misses.list };
  }
  await farEnd.close();
}
