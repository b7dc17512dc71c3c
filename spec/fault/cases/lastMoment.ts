import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import { compare, endOf, median, Misses } from "../Row";
import { freshDirectory, runJob } from "../runJob";
import { recordsIn } from "../recordsIn";

/** What a process that exits with so many spans pending may take for them, in ms. */
const BOUNDS: readonly (readonly [spans: number, ms: number])[] = [
  [1, 5],
  [2_000, 50],
];
/** Long enough that nothing is sent before the exit. */
const NO_WINDOW = { OTEL_BSP_SCHEDULE_DELAY: "60000", Buffer: "60000", OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "2048" };

/** `process.exit` with everything pending: straight after the last `span.end()`, and with a full queue. */
export const lastMoment: Case = {
  name: "last moment",
  async *run({ repeats }) {
    const farEnd = await new FarEnd().listen();
    const url = `http://127.0.0.1:${farEnd.port}`;
    for (const [spans, boundMs] of BOUNDS) {
      const misses = new Misses();
      const spool = freshDirectory();
      const results = [];
      for (let i = 0; i < repeats + 2; i++) results.push(await runJob({ steps: [["spans", spans]], ending: "exit" }, { url, spool: freshDirectory(), env: NO_WINDOW }));
      const last = await runJob({ steps: [["spans", spans]], ending: "exit" }, { url, spool, env: NO_WINDOW });
      const { otlp } = recordsIn(spool);
      // The spans of the session's start and end are in it.
      misses.expect(otlp === spans + 2, `${otlp} on disk`);
      await runJob({ steps: [["flush", 10_000]] }, { url, spool });
      const found = compare("otlp", [last], farEnd.arrivals);
      misses.expect(found.lost === 0, `${found.lost} lost`);
      const times = [...results, last].map(({ journal }) => journal.exitMs ?? Infinity);
      const cpu = [...results, last].map(({ journal }) => journal.exitCpuMs ?? Infinity);
      // The least, because what it does is always the same and only a busy machine makes it longer.
      const least = Math.min(...times, ...cpu);
      misses.expect(least <= boundMs, `${least.toFixed(1)} ms`);
      const range = `exit listener ${median(times).toFixed(1)} ms, least ${Math.min(...times).toFixed(1)}, of the processor ${median(cpu).toFixed(1)}`;
      yield { name: `${spans} pending at exit`, pipe: "otlp", ...found, exits: ["0", endOf(last)], note: range, misses: misses.list };
    }

    const spool = freshDirectory();
    const first = await runJob({ steps: [["errors", 1]], ending: "exit" }, { url, spool });
    await runJob({ steps: [["flush", 10_000]] }, { url, spool });
    for (const pipe of ["otlp", "posthog"] as const) {
      const found = compare(pipe, [first], farEnd.arrivals);
      yield { name: "exit straight after end()", pipe, ...found, exits: ["0", endOf(first)], misses: found.lost === 0 && found.duplicates === 0 ? [] : ["lost or twice"] };
    }
    await farEnd.close();
  },
};
