import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import { balanceMisses, compare, endOf, Misses } from "../Row";
import { freshDirectory, runJob } from "../runJob";

const OUTAGE_MS = 60_000;
const SHORT_OUTAGE_MS = 8_000;
/** A healthy time before and after the outage, in ms. */
const AROUND_MS = 1_500;
/** 200 spans a second, one in fifty of them an error. */
const LOAD = { everyMs: 5, spans: 1, errorEvery: 50 };

/** The far end is down for a while and comes back; nobody restarts anything. */
export const outage: Case = {
  name: "outage",
  async *run({ short }) {
    const downMs = short ? SHORT_OUTAGE_MS : OUTAGE_MS;
    const farEnd = await new FarEnd().listen();
    const where = { url: `http://127.0.0.1:${farEnd.port}`, spool: freshDirectory() };
    const down = setTimeout(() => void farEnd.close(), AROUND_MS);
    const up = setTimeout(() => void farEnd.recover(), AROUND_MS + downMs);
    const steps = [
      ["load", { ms: 2 * AROUND_MS + downMs, ...LOAD }],
      ["settle", downMs + 35_000],
    ] as const;
    const result = await runJob({ steps }, where);
    clearTimeout(down);
    clearTimeout(up);
    for (const pipe of ["otlp", "posthog"] as const) {
      const misses = new Misses();
      const found = compare(pipe, [result], farEnd.arrivals);
      const lines = result.lines.filter((line) => line.includes(pipe));
      misses.expect(found.lost === 0, `${found.lost} lost`);
      if (pipe === "posthog") misses.expect(found.duplicates === 0, "duplicates");
      misses.expect(result.journal.settled, "the breaker did not close");
      misses.expect(lines.length === 2, `${lines.length} lines`);
      misses.list.push(...balanceMisses([result]));
      yield {
        name: `down for ${downMs / 1000} s`,
        pipe,
        ...found,
        exits: ["0", endOf(result)],
        lines: lines.length,
        note: lines[1]?.replace(/^.*is back/, "back").trim() ?? "",
        misses: misses.list,
      };
    }
    await farEnd.close();
  },
};
