import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import { balanceMisses, compare, endOf, Misses } from "../Row";
import { freshDirectory, runJob } from "../runJob";

const SPANS = 100_000;
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;

/** Far more spans in one tick than the queue holds. */
export const burst: Case = {
  name: "burst",
  async *run() {
    for (const isDown of [false, true]) {
      const farEnd = await new FarEnd().listen();
      if (isDown) await farEnd.close();
      const where = { url: `http://127.0.0.1:${farEnd.port}`, spool: freshDirectory() };
      const steps = [["spans", 10], ["pause", 500], ["rss"], ["spans", SPANS], ...(isDown ? ([["pause", 1000]] as const) : ([["settle", 60_000]] as const))] as const;
      const result = await runJob({ steps }, where);
      if (isDown) {
        await farEnd.recover();
        await runJob({ steps: [["flush", 60_000]] }, where);
      }
      const misses = new Misses();
      const found = compare("otlp", [result], farEnd.arrivals);
      const { start, peak } = result.journal.memory;
      misses.expect(found.lost === 0, `${found.lost} lost`);
      misses.expect(peak - start <= MAX_MEMORY_BYTES, "memory");
      misses.list.push(...balanceMisses([result]));
      const note = `peak ${((peak - start) / 2 ** 20).toFixed(0)} MB over the start`;
      yield { name: `${SPANS} spans in one tick, ${isDown ? "down" : "healthy"}`, pipe: "otlp", ...found, exits: ["0", endOf(result)], note, misses: misses.list };
      await farEnd.close();
    }
  },
};
