import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import type { Pipe } from "../../../lib/shared/Stats";
import type { Row } from "../Row";
import { balanceMisses, compare, endOf, Misses } from "../Row";
import { freshDirectory, runJob } from "../runJob";

const SPANS = 100_000;
/**
 * The aim is 64 MB. The official serializer's copies take 58 to 71 MB from run to run, and 75 if a busy machine
 * collects later; holding all spans took 115.
 */
const MAX_MEMORY_BYTES = 90 * 1024 * 1024;
/**
 * The young generation has the size of Node 20 and 22: later versions have a larger one, and fill it before they
 * collect. The old one is so small that V8 must collect what nobody holds; a process that held more would die.
 */
const HEAP = ["--max-semi-space-size=16", "--max-old-space-size=40"];

/** More than posthog-node is given at once. */
const ERRORS = 12_000;
const SHORT_ERRORS = 2_000;

/** Far more in one tick than the queues hold. */
export const burst: Case = {
  name: "burst",
  async *run({ short }) {
    const errors = short ? SHORT_ERRORS : ERRORS;
    for (const isDown of [false, true]) {
      const state = isDown ? "down" : "healthy";
      yield* runBurst(`${SPANS} spans in one tick, ${state}`, ["spans", SPANS], isDown, ["otlp"]);
      yield* runBurst(`${errors} errors in one tick, ${state}`, ["errors", errors], isDown, [
        "otlp",
        "posthog",
      ]);
    }
  },
};

async function* runBurst(
  name: string,
  step: readonly [string, unknown],
  isDown: boolean,
  pipes: readonly Pipe[],
): AsyncGenerator<Row> {
  const farEnd = await new FarEnd().listen();
  if (isDown) await farEnd.close();
  const where = {
    url: `http://127.0.0.1:${farEnd.port}`,
    spool: freshDirectory(),
    ...(pipes.length === 1 ? { nodeArgs: HEAP } : {}),
  };
  const wait = isDown ? (["pause", 1_000] as const) : (["settle", 60_000] as const);
  const result = await runJob(
    { steps: [["spans", 10], ["pause", 500], ["rss"], step, wait] },
    where,
  );
  if (isDown) {
    await farEnd.recover();
    await runJob({ steps: [["flush", 60_000]] }, where);
  }
  const { start, peak } = result.journal.memory;
  await farEnd.close();
  for (const pipe of pipes) {
    const misses = new Misses();
    const found = compare(pipe, [result], farEnd.arrivals);
    misses.expect(found.lost === 0, `${found.lost} lost`);
    misses.expect(isDown || result.journal.settled, "not settled");
    misses.expect(endOf(result) === "0", "exit code");
    if (pipe === "posthog") misses.expect(found.duplicates === 0, "duplicates");
    // Only for spans: an error is larger, and its event is kept too.
    if (pipes.length === 1) misses.expect(peak - start <= MAX_MEMORY_BYTES, "memory");
    misses.list.push(...balanceMisses([result]));
    const note = `peak ${((peak - start) / 2 ** 20).toFixed(0)} MB over the start`;
    yield { name, pipe, ...found, exits: ["0", endOf(result)], note, misses: misses.list };
  }
}
