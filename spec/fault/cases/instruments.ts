import { writeFileSync } from "node:fs";
import { atOnce } from "../atOnce";
import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import type { Row } from "../Row";
import { balanceMisses, endOf, Misses } from "../Row";
import type { Job } from "../runJob";
import { freshDirectory, runJob } from "../runJob";

/** The instrumentations that must see the host's own work; else, a row without spans of ours would prove nothing. */
const INSTRUMENTATIONS = ["fs", "http", "undici", "net", "dns"];
const SPANS = 20;
const ERRORS = 5;
const EVENTS = 5;
const AT_ONCE = 2;
/** Longer than the first pause of the circuit breaker, and than the wait for a replay. */
const REPLAY_MS = 1_500;
/** Spans that cause spans would never end; a run takes some three seconds. */
const MAX_RUN_MS = 20_000;
/** The start and the end of the session. */
const SESSIONS = 2;

const FAR_ENDS: Readonly<Record<string, (farEnd: FarEnd) => void | Promise<void>>> = {
  up: () => undefined,
  down: (farEnd) => farEnd.close(),
  hung: (farEnd) => {
    farEnd.behaviour = () => undefined;
  },
};
const ENDINGS: readonly NonNullable<Job["ending"]>[] = ["natural", "exit", "throw"];

/**
 * A host with every official instrumentation on, which sees nothing of our own work: no file, no request, no look-up,
 * no module that is loaded later, not even while the process ends. Both ledgers hold only what the host did.
 */
export const instruments: Case = {
  name: "instruments",
  async *run() {
    const own = await new FarEnd().listen();
    own.behaviour = (response) => response.end("{}");
    const ownUrl = `http://localhost:${own.port}/`;
    const rows: (() => Promise<Row>)[] = [];
    for (const [state, begin] of Object.entries(FAR_ENDS))
      for (const disk of ["good", "failing"] as const)
        for (const ending of ENDINGS)
          rows.push(() => instrumented(state, begin, disk, ending, ownUrl));
    yield* atOnce(AT_ONCE, rows);
    await own.close();
  },
};

async function instrumented(
  state: string,
  begin: (farEnd: FarEnd) => void | Promise<void>,
  disk: "good" | "failing",
  ending: NonNullable<Job["ending"]>,
  ownUrl: string,
): Promise<Row> {
  const farEnd = await new FarEnd().listen();
  await begin(farEnd);
  const job: Job = {
    host: "instrumented",
    ending,
    steps: [
      ["own", ownUrl],
      ["inspector"],
      ["spans", SPANS],
      ["errors", ERRORS],
      ["events", EVENTS],
      ["pause", REPLAY_MS],
      ["errorsInside", ERRORS],
      ["spans", SPANS],
      ["pause", 300],
      ["events", EVENTS],
      ["errors", ERRORS],
    ],
  };
  const url = `http://localhost:${farEnd.port}`;
  const result = await runJob(job, {
    url,
    spool: disk === "good" ? freshDirectory() : noDirectory(),
    killAfterMs: MAX_RUN_MS,
  });
  await farEnd.close();

  const { seen, stats } = result.journal;
  const misses = new Misses();
  for (const name of INSTRUMENTATIONS)
    misses.expect((seen.own[name] ?? 0) > 0, `${name} is not instrumented`);
  const ours = Object.entries(seen.ours).map(([name, count]) => `${count} of ${name}`);
  misses.expect(ours.length === 0, `spans of our own work: ${ours.join(", ")}`);
  const ownSpans = Object.values(seen.own).reduce((sum, count) => sum + count, 0);
  // `errorsInside` works within one span of its own.
  const spans = SESSIONS + 2 * SPANS + 2 * ERRORS + 1 + ownSpans;
  const events = SESSIONS + 3 * ERRORS + 2 * EVENTS + (ending === "throw" ? 1 : 0);
  misses.expect(stats?.otlp.accepted === spans, `${stats?.otlp.accepted ?? 0} spans, not ${spans}`);
  misses.expect(
    stats?.posthog.accepted === events,
    `${stats?.posthog.accepted ?? 0} events, not ${events}`,
  );
  misses.list.push(...balanceMisses([result]));
  return {
    name: `every instrumentation, far end ${state}, disk ${disk}, ${ending}`,
    pipe: "both",
    accepted: (stats?.otlp.accepted ?? 0) + (stats?.posthog.accepted ?? 0),
    exits: [ending === "throw" ? "1" : "0", endOf(result)],
    note: `${ownSpans} spans of the host's own work`,
    misses: misses.list,
  };
}

/** A path below a file, where there are no folders, so that every access fails. */
function noDirectory(): string {
  const file = `${freshDirectory()}/file`;
  writeFileSync(file, "");
  return `${file}/spool`;
}
