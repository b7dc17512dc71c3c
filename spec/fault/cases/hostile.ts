import { createRequire } from "node:module";
import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import { publicFunctions } from "../publicFunctions";
import type { Row } from "../Row";
import { Misses } from "../Row";
import type { JobResult } from "../runJob";
import { freshDirectory, runJob } from "../runJob";

/** These work only once per process, so each hostile argument gets its own process. */
const ONCE = ["register", "shutdown"];
/** Parameters that the function must call: calling them throws what it throws without us. */
const CALLED = ["withSpan.fn", "traceHandler.handler"];
/** A process that is still busy with a value after this has hung. */
const MAX_RUN_MS = 120_000;
/** Times are not promised here, but an unbounded walk would take far longer than this. */
const MAX_CALL_MS = 2_000;
const AT_ONCE = 4;
const names = Object.keys(
  (createRequire(__filename)("../hostileValues.cjs") as Readonly<Record<string, object>>)[
    "VALUES"
  ] ?? {},
);

/** Every public function, found by its types, with hostile arguments: nothing is thrown, and nothing rejects. */
export const hostile: Case = {
  name: "hostile arguments",
  async *run({ short }) {
    const farEnd = await new FarEnd().listen();
    const url = `http://127.0.0.1:${farEnd.port}`;
    const functions = publicFunctions();
    const table = functions.filter(({ name }) => !ONCE.includes(name));
    for (const registered of [true, false]) {
      const result = await runHostile(url, { table, registered });
      yield rowOf(
        `public functions × hostile arguments, ${registered ? "registered" : "not registered"}`,
        [result],
        `${table.length} functions`,
      );
    }
    const chosen = names.filter((_, index) => !short || index % 3 === 0);
    const results: JobResult[] = [];
    for (let i = 0; i < chosen.length; i += AT_ONCE)
      results.push(
        ...(await Promise.all(
          chosen.slice(i, i + AT_ONCE).map((only) => runHostile(url, { only })),
        )),
      );
    yield rowOf(`${ONCE.join(" and ")} × hostile arguments`, results, `${chosen.length} processes`);
    await farEnd.close();
  },
};

function runHostile(url: string, task: Readonly<Record<string, unknown>>): Promise<JobResult> {
  return runJob(
    { ...task, called: CALLED },
    { url, spool: freshDirectory(), killAfterMs: MAX_RUN_MS },
    "hostileArguments.cjs",
  );
}

function rowOf(name: string, results: readonly JobResult[], note: string): Row {
  const misses = new Misses();
  let calls = 0;
  let slowestMs = 0;
  for (const { journal, code, printed } of results) {
    const { threw, outcome } = journal;
    misses.expect(code === 0 && outcome !== undefined, `ended with ${String(code)} ${printed}`);
    misses.list.push(...threw, ...(outcome?.surprises ?? []));
    calls += outcome?.calls ?? 0;
    const { ms = 0, what = "" } = outcome?.slowest ?? {};
    slowestMs = Math.max(slowestMs, ms);
    misses.expect(ms < MAX_CALL_MS, `a call of ${ms.toFixed(0)} ms: ${what}`);
  }
  const thrown = misses.list.length;
  return {
    name,
    pipe: "both",
    note: `${note}, ${calls} calls, ${thrown} throws or rejections, longest call ${slowestMs.toFixed(0)} ms`,
    // The table shows the first few; they often have one cause.
    misses: misses.list.slice(0, 12),
  };
}
