import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import { balanceMisses, endOf, Misses } from "../Row";
import { freshDirectory, runJob } from "../runJob";

/** The number of failures of one kind, and of events; then the number of kinds of failures. */
const STORM = 100;
const KINDS = 50;
const TOTAL = 2 * STORM + KINDS;
const PER_SECOND = 5;
const CAP = 7;
const FIELDS = [
  "dropped",
  "dropped_exceptions",
  "dropped_exceptions_global",
  "exception_global_limit",
  "window_ms",
];

/** An error storm: what is held back is in the books and in the reports, so that counts stay true. */
export const throttle: Case = {
  name: "throttle",
  async *run() {
    const farEnd = await new FarEnd().listen();
    const where = {
      url: `http://127.0.0.1:${farEnd.port}`,
      spool: freshDirectory(),
      env: { Throttle: String(PER_SECOND), Cap: String(CAP) },
    };
    const result = await runJob(
      {
        steps: [
          ["errors", STORM],
          ["events", STORM],
          ["kinds", KINDS],
          ["pause", 100],
          ["shutdown", 10_000],
        ],
      },
      where,
    );
    const misses = new Misses();
    const books = result.journal.stats?.posthog;
    const throttled = books?.dropped["throttled"] ?? 0;
    const { events } = farEnd.arrivals;
    const errors = events.filter(({ event }) => event === "land:cocoon:error").length;
    const probes = events.filter(({ event }) => event === "land:cocoon:probe").length;
    const reports = events
      .filter(({ event }) => event === "land:cocoon:throttle-dropped")
      .map(({ properties }) => properties);
    const sum = (field: string): number =>
      reports.reduce((total, properties) => total + Number(properties[field]), 0);
    misses.expect(
      errors + probes + throttled === TOTAL,
      `${errors} + ${probes} delivered and ${throttled} held back of ${TOTAL}`,
    );
    misses.expect(
      errors === CAP && probes === PER_SECOND,
      `${errors} errors and ${probes} others passed`,
    );
    misses.expect(sum("dropped") === throttled, `the reports say ${sum("dropped")}`);
    misses.expect(
      sum("dropped_exceptions") === STORM - PER_SECOND,
      `${sum("dropped_exceptions")} of one kind in the reports`,
    );
    misses.expect(
      sum("dropped_exceptions_global") === PER_SECOND + KINDS - CAP,
      `${sum("dropped_exceptions_global")} of all kinds in the reports`,
    );
    misses.expect(
      reports.every((properties) =>
        FIELDS.every((field) => Number.isFinite(Number(properties[field] ?? "missing"))),
      ),
      "fields of the report",
    );
    misses.expect(
      reports.every((properties) => Number(properties["exception_global_limit"]) === CAP),
      "the limit in the report",
    );
    misses.list.push(...balanceMisses([result]));
    yield {
      name: "error storm, throttled",
      pipe: "posthog",
      accepted: books?.accepted ?? 0,
      delivered: books?.delivered ?? 0,
      duplicates: 0,
      dropped: books?.dropped ?? {},
      lost: TOTAL - errors - probes - throttled,
      exits: ["0", endOf(result)],
      note: JSON.stringify(
        reports[0] && Object.fromEntries(FIELDS.map((field) => [field, reports[0]?.[field]])),
      ),
      misses: misses.list,
    };
    await farEnd.close();
  },
};
