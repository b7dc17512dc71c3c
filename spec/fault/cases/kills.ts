import { boundNow } from "../busy";
import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import type { Row } from "../Row";
import { balanceMisses, compare, Misses } from "../Row";
import type { JobResult } from "../runJob";
import { freshDirectory, runJob } from "../runJob";

const KILLS = 500;
const SHORT_KILLS = 40;
/** Concurrent children on one spool, which also race for what the dead have left. */
const AT_ONCE = 2;
/** A kill comes between these after the start of a process, in ms: before, while or after it registers. */
const FIRST_MS = 60;
const LAST_MS = 1_500;
/** The window of a batch here, and its time in flight with some room for a busy machine, in ms. */
const WINDOW_MS = 400;
const ON_THE_WAY_MS = 150;

/** After this many ms, what a hung far end has not answered is on disk too. */
const SECURED_MS = 250;
/** The share of kills while the far end hangs. */
const HUNG_PART = 0.2;

/** SIGKILL at random moments under load, with a far end that works and with one that never answers. */
export const kills: Case = {
  name: "kills",
  async *run({ short }) {
    const total = short ? SHORT_KILLS : KILLS;
    yield* runKills("healthy", total * (1 - HUNG_PART), WINDOW_MS + ON_THE_WAY_MS);
    yield* runKills("hung", total * HUNG_PART, WINDOW_MS + SECURED_MS + ON_THE_WAY_MS);
  },
};

async function* runKills(
  state: "healthy" | "hung",
  total: number,
  maxAgeMs: number,
): AsyncGenerator<Row> {
  const farEnd = await new FarEnd().listen();
  if (state === "hung") farEnd.behaviour = () => undefined;
  const where = { url: `http://127.0.0.1:${farEnd.port}`, spool: freshDirectory() };
  const results: JobResult[] = [];
  const killEach = async (): Promise<void> => {
    while (results.length < total) {
      const killAfterMs = FIRST_MS + Math.random() * (LAST_MS - FIRST_MS);
      results.push(
        await runJob(
          { steps: [["load", { ms: 60_000, everyMs: 1, spans: 2, errorEvery: 2 }]] },
          { ...where, killAfterMs, env: { OTEL_BSP_SCHEDULE_DELAY: String(WINDOW_MS) } },
        ),
      );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, killEach));
  await farEnd.recover();
  await runJob({ steps: [["flush", 30_000]] }, where);

  const ages = new Map(results.flatMap(({ journal }) => [...journal.ages()]));
  for (const pipe of ["posthog", "otlp"] as const) {
    const misses = new Misses();
    const found = compare(pipe, results, farEnd.arrivals);
    const ordinary = found.lostNames.filter((name) => name.startsWith("w"));
    const oldest = Math.max(0, ...ordinary.map((name) => ages.get(name) ?? Infinity));
    if (pipe === "posthog") {
      misses.expect(found.lost === 0, `${found.lost} error or session events lost`);
      misses.expect(found.duplicates === 0, "duplicates");
    } else
      misses.expect(oldest <= boundNow(maxAgeMs), `a lost span was ${oldest.toFixed(0)} ms old`);
    misses.expect(found.accepted > total, "no load");
    misses.list.push(...balanceMisses(results));
    const note =
      pipe === "otlp"
        ? `ordinary spans lost with their batch: the oldest ${oldest.toFixed(0)} ms before the kill`
        : "";
    yield {
      name: `SIGKILL, ${results.length} times, ${state}`,
      pipe,
      ...found,
      exits: ["SIGKILL", "SIGKILL"],
      note,
      misses: misses.list,
    };
  }
  await farEnd.close();
}
