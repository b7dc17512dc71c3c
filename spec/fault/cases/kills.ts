import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import { balanceMisses, compare, Misses } from "../Row";
import type { JobResult } from "../runJob";
import { freshDirectory, runJob } from "../runJob";

const KILLS = 500;
const SHORT_KILLS = 40;
/** Kills at once, on one spool: they also race for what the dead have left. */
const AT_ONCE = 2;
/** A kill comes within this after the start of the process, in ms: before, while and after it registers. */
const FIRST_MS = 60;
const LAST_MS = 1_500;
/** The window of a batch here, and its time on the way with some room for a busy machine, in ms. */
const WINDOW_MS = 400;
const ON_THE_WAY_MS = 150;

/** SIGKILL at random moments under load; the far end is healthy, so that a kill meets every state of delivery. */
export const kills: Case = {
  name: "kills",
  async *run({ short }) {
    const farEnd = await new FarEnd().listen();
    const where = { url: `http://127.0.0.1:${farEnd.port}`, spool: freshDirectory() };
    const total = short ? SHORT_KILLS : KILLS;
    const results: JobResult[] = [];
    const killOne = async (): Promise<void> => {
      while (results.length < total) {
        const killAfterMs = FIRST_MS + Math.random() * (LAST_MS - FIRST_MS);
        results.push(await runJob({ steps: [["load", { ms: 60_000, everyMs: 1, spans: 2, errorEvery: 2 }]] }, { ...where, killAfterMs, env: { OTEL_BSP_SCHEDULE_DELAY: String(WINDOW_MS) } }));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, killOne));
    await runJob({ steps: [["flush", 30_000]] }, where);

    const ages = new Map(results.flatMap(({ journal }) => [...journal.ages()]));
    for (const pipe of ["posthog", "otlp"] as const) {
      const misses = new Misses();
      const found = compare(pipe, results, farEnd.arrivals);
      const ordinary = found.lostNames.filter((name) => name.startsWith("w"));
      const urgent = found.lost - ordinary.length;
      const oldest = Math.max(0, ...ordinary.map((name) => ages.get(name) ?? Infinity));
      if (pipe === "posthog") {
        misses.expect(urgent === 0, `${urgent} error or session events lost`);
        misses.expect(found.duplicates === 0, "duplicates");
      } else misses.expect(oldest <= WINDOW_MS + ON_THE_WAY_MS, `a lost span was ${oldest.toFixed(0)} ms old`);
      misses.expect(found.accepted > total, "no load");
      misses.list.push(...balanceMisses(results));
      const note = pipe === "otlp" ? `ordinary spans lost with a batch: the oldest ${oldest.toFixed(0)} ms before the kill` : "";
      yield { name: `SIGKILL, ${results.length} times`, pipe, ...found, exits: ["SIGKILL", "SIGKILL"], note, misses: misses.list };
    }
    await farEnd.close();
  },
};
