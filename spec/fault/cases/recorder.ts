import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { atOnce } from "../atOnce";
import { boundNow } from "../busy";
import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import type { Row } from "../Row";
import { Misses } from "../Row";
import type { JobResult, Surroundings } from "../runJob";
import { freshDirectory, runJob } from "../runJob";

const KILLS = 200;
const SHORT_KILLS = 10;
/** Concurrent kills. */
const AT_ONCE = 2;
const ENDINGS_AT_ONCE = 4;
const FIRST_MS = 400;
const LAST_MS = 2_500;
/** A span open for this long before the kill is reported, in ms: the option's 50, and the timer's own time. */
const TOLD_AFTER_MS = 100;
/** The same, if others take the processor. */
const BUSY_TOLD_AFTER_MS = 250;

interface TakenSpan {
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
  readonly status?: { readonly code?: number };
}
interface TakenEvent {
  readonly event: string;
  readonly uuid: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Everything that a far end accepted, in full. */
class Taken {
  readonly spans: TakenSpan[] = [];
  readonly events: TakenEvent[] = [];
  readonly farEnd = new FarEnd();

  async listen(): Promise<this> {
    await this.farEnd.listen();
    this.farEnd.behaviour = (response, request, body) => {
      const isTraces = request.url === "/v1/traces";
      if (isTraces) this.spans.push(...spansIn(body));
      else this.events.push(...(JSON.parse(body) as { batch: TakenEvent[] }).batch);
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(isTraces ? "{}" : '{"status":1}');
    };
    return this;
  }

  get where(): Surroundings {
    const env = { OTEL_EXPORTER_OTLP_PROTOCOL: "http/json", OTEL_BSP_SCHEDULE_DELAY: "5000" };
    return { url: `http://127.0.0.1:${this.farEnd.port}`, spool: freshDirectory(), env };
  }

  unfinished(): TakenSpan[] {
    return this.spans.filter((span) => attributeOf(span, "land.unfinished") === true);
  }
}

function spansIn(body: string): TakenSpan[] {
  const { resourceSpans } = JSON.parse(body) as {
    resourceSpans: { scopeSpans: { spans: TakenSpan[] }[] }[];
  };
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

function attributeOf({ attributes }: TakenSpan, name: string): unknown {
  const value = attributes.find(({ key }) => key === name)?.value;
  return value && Object.values(value)[0];
}

interface Entry {
  readonly start?: string;
  readonly parent?: string;
  readonly ending?: string;
  readonly end?: string;
  readonly at?: number;
}

/** The spans that a child recorded as open and as ended; nothing is known of one that was just ending. */
function truthOf({ journal }: JobResult): {
  readonly open: readonly { id: string; parent: string | undefined; ageMs: number }[];
  readonly ended: ReadonlySet<string>;
  readonly ranMs: number;
} {
  const entries = journal.entries as readonly Entry[];
  const times = entries.flatMap(({ at = [] }) => at);
  const last = Math.max(...times);
  const ending = new Set(entries.flatMap(({ ending: id = [] }) => id));
  const open = entries.flatMap(({ start: id, parent, at = last }) =>
    id === undefined || ending.has(id) ? [] : [{ id, parent, ageMs: last - at }],
  );
  const ended = new Set(entries.flatMap(({ end = [] }) => end));
  return { open, ended, ranMs: last - Math.min(...times) };
}

/** Runs another process of the tier, which reports what it finds. */
async function tell(where: Surroundings): Promise<JobResult> {
  return runJob(
    {
      steps: [
        ["pause", 400],
        ["flush", 30_000],
        ["shutdown", 5_000],
      ],
    },
    where,
  );
}

/** The recorders' files below a spool. */
function filesIn(spool: string, ending: string): string[] {
  if (!existsSync(spool)) return [];
  return readdirSync(spool, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(spool, name));
}

/** How a process ends, and what the next one reports of that, alone and if the parent has witnessed it. */
interface Ending {
  readonly name: string;
  readonly how: string;
  readonly alone: string;
  readonly witnessed: string;
  /** The young span is reported too: the process ends it itself, or it was open for longer. */
  readonly young?: boolean;
  /** The host ends its telemetry first, so its open spans are not reported. */
  readonly untold?: boolean;
  /** Killed from outside, after this many ms. */
  readonly killAfterMs?: number;
}
const ENDINGS: readonly Ending[] = [
  { name: "the natural end", how: "natural", alone: "exit", witnessed: "exit", young: true },
  { name: "exit(3)", how: "exit", alone: "exit", witnessed: "exit", young: true },
  { name: "exitCode", how: "exitCode", alone: "exit", witnessed: "exit", young: true },
  // The status that a shell gives to an abort; here it is the program's own.
  { name: "exit(134)", how: "status", alone: "exit", witnessed: "exit", young: true },
  { name: "an error", how: "throw", alone: "uncaught", witnessed: "uncaught", young: true },
  {
    name: "a rejection",
    how: "rejection",
    alone: "uncaught",
    witnessed: "uncaught",
    young: true,
  },
  {
    name: "an error, reallyExit",
    how: "handlerExits",
    alone: "uncaught",
    witnessed: "uncaught",
  },
  {
    name: "an error, exit",
    how: "handlerEnds",
    alone: "uncaught",
    witnessed: "uncaught",
    young: true,
  },
  {
    name: "a stack that overflows",
    how: "overflow",
    alone: "uncaught",
    witnessed: "uncaught",
    young: true,
  },
  {
    name: "a worker's error",
    how: "worker",
    alone: "uncaught",
    witnessed: "uncaught",
    young: true,
  },
  {
    name: "a survived error, SIGKILL",
    how: "survived",
    alone: "unknown",
    witnessed: "killed",
    young: true,
  },
  { name: "abort", how: "abort", alone: "unknown", witnessed: "fault" },
  { name: "SIGSEGV", how: "segv", alone: "unknown", witnessed: "fault" },
  { name: "SIGBUS", how: "bus", alone: "unknown", witnessed: "fault" },
  { name: "no memory left", how: "memory", alone: "unknown", witnessed: "fault" },
  { name: "SIGKILL", how: "kill", alone: "unknown", witnessed: "killed" },
  // Signals that nobody listens to.
  { name: "SIGQUIT", how: "quit", alone: "unknown", witnessed: "signal" },
  { name: "SIGUSR2", how: "user", alone: "unknown", witnessed: "signal" },
  { name: "reallyExit", how: "reallyExit", alone: "unknown", witnessed: "exit" },
  { name: "SIGTERM", how: "term", alone: "signal", witnessed: "signal", young: true },
  { name: "SIGINT", how: "int", alone: "signal", witnessed: "signal", young: true },
  { name: "SIGHUP", how: "hup", alone: "signal", witnessed: "signal", young: true },
  {
    name: "SIGTERM, exit",
    how: "termHandled",
    alone: "signal",
    witnessed: "exit",
    young: true,
  },
  {
    name: "SIGTERM, ignored, SIGKILL",
    how: "termIgnored",
    alone: "signal",
    witnessed: "killed",
    young: true,
  },
  {
    name: "busy, SIGKILL",
    how: "busy",
    alone: "unknown",
    witnessed: "killed",
    killAfterMs: 900,
  },
  { name: "shutdown", how: "shutdown", alone: "shutdown", witnessed: "exit", untold: true },
];
/** Ends in which an error is reported. */
const ERRORS = [
  "throw",
  "rejection",
  "handlerExits",
  "handlerEnds",
  "overflow",
  "worker",
  "survived",
];
const CRASHES = ["uncaught", "fault"];
const VANISHED = ["unknown", "killed"];
const STARTERS = 8;
const ROUNDS = 25;
const SHORT_ROUNDS = 3;

/** Deaths of processes, and what the next one knows of them. */
export const recorder: Case = {
  name: "recorder",
  async *run({ short }) {
    for (const perSecond of [200, 1_000])
      yield await killed(perSecond, short ? SHORT_KILLS : KILLS);
    const endings = ENDINGS.flatMap((ending) =>
      (["alone", "witnessed"] as const).map((seen) => () => ended(ending, seen)),
    );
    yield* atOnce(ENDINGS_AT_ONCE, endings);
    yield await expectedEnd();
    yield await stopped();
    yield await manyStarters(short ? SHORT_ROUNDS : ROUNDS);
  },
};

/** What the next process of the tier finds. */
async function look(where: Surroundings): Promise<Readonly<Record<string, unknown>> | undefined> {
  const job = { how: "look", afterMs: 400 };
  const { journal } = await runJob(job, where, "recorderHost.cjs");
  const [first] = journal.entries as readonly { lastRun?: Record<string, unknown> | null }[];
  return first?.lastRun ?? undefined;
}

async function ended(
  { name, how, young, untold, killAfterMs, ...by }: Ending,
  seen: "alone" | "witnessed",
): Promise<Row> {
  const taken = await new Taken().listen();
  const { where } = taken;
  const kill = killAfterMs === undefined ? {} : { killAfterMs };
  const limits = { nodeArgs: ["--max-old-space-size=40"] };
  if (seen === "alone") await runJob({ how }, { ...where, ...limits, ...kill }, "recorderHost.cjs");
  else await runJob({ watch: { how, ...kill } }, where, "recorderHost.cjs");
  const found = await look(where);
  await taken.farEnd.close();
  const endedBy = by[seen];
  const misses = new Misses();
  misses.expect(found?.["endedBy"] === endedBy, `${String(found?.["endedBy"])}, not ${endedBy}`);
  misses.expect(found?.["crashed"] === CRASHES.includes(endedBy), "crashed is wrong");
  misses.expect(found?.["witness"] === (seen === "witnessed"), "witness is wrong");
  const names = taken.unfinished().map((span) => span.name);
  const open = young === true ? ["inner", "outer", "young"] : ["inner", "outer"];
  const wanted = untold === true ? [] : open;
  misses.expect(names.sort().join() === wanted.join(), `told as open: ${names.join()}`);
  const told = taken.events.filter(({ event }) => /:(?:crash|vanished)$/.test(event));
  const kind = CRASHES.includes(endedBy) ? "crash" : VANISHED.includes(endedBy) ? "vanished" : "";
  const wantedEvents = kind === "" ? "" : `land:cocoon:${kind}`;
  misses.expect(told.map(({ event }) => event).join() === wantedEvents, `${told.length} events`);
  const errors = taken.events.filter(({ event }) => event.endsWith(":error"));
  const isError = ERRORS.includes(how);
  const count = new Set(errors.map(({ uuid }) => uuid)).size;
  misses.expect(count === (isError ? 1 : 0), `${count} error events`);
  const failed = taken.unfinished().filter(({ status }) => status?.code === 2).length;
  misses.expect(failed === (kind === "" ? 0 : wanted.length), `${failed} spans failed`);
  return {
    name: `${name}, ${seen}`,
    pipe: "both",
    note: `${endedBy}${found?.["code"] === undefined ? "" : `, code ${String(found["code"])}`}`,
    misses: misses.list,
  };
}

/** The parent kills its child itself, as when a window is reloaded. */
async function expectedEnd(): Promise<Row> {
  const taken = await new Taken().listen();
  const { where } = taken;
  const watch = { how: "wait", killAfterMs: 900, expected: true };
  await runJob({ watch }, where, "recorderHost.cjs");
  const found = await look(where);
  await taken.farEnd.close();
  const misses = new Misses();
  misses.expect(found?.["endedBy"] === "expected", String(found?.["endedBy"]));
  misses.expect(!taken.events.some(({ event }) => event.endsWith("vanished")), "told as a loss");
  return { name: "the parent's own SIGKILL", pipe: "both", note: "expected", misses: misses.list };
}

/** A process that is stopped, as by a debugger, has not ended. */
async function stopped(): Promise<Row> {
  const taken = await new Taken().listen();
  const { where } = taken;
  const misses = new Misses();
  const job = { how: "stop" };
  // It continues on SIGCONT, and then ends.
  const running = runJob(job, where, "recorderHost.cjs");
  const pid = await stoppedChild(where.spool);
  const found = await look(where);
  process.kill(pid, "SIGCONT");
  const { code } = await running;
  await taken.farEnd.close();
  misses.expect(found === undefined, `told as ${String(found?.["endedBy"])}`);
  misses.expect(code === 0, `exit code ${String(code)}`);
  misses.expect(
    taken.events.every(({ event }) => !/crash|vanished/.test(event)),
    "told",
  );
  return { name: "SIGSTOP", pipe: "both", note: "no last run", misses: misses.list };
}

/** The pid of the process that has a run file and is stopped. */
async function stoppedChild(spool: string): Promise<number> {
  for (;;) {
    for (const file of filesIn(spool, ".run")) {
      const pid = Number.parseInt(basename(file), 10);
      if (/^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))) return pid;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Several processes that start together find a dead one, which is reported once. */
async function manyStarters(rounds: number): Promise<Row> {
  const taken = await new Taken().listen();
  const misses = new Misses();
  for (let round = 0; round < rounds; round++) {
    const { where } = taken;
    await runJob({ how: "kill" }, where, "recorderHost.cjs");
    await Promise.all(Array.from({ length: STARTERS }, () => look(where)));
  }
  await taken.farEnd.close();
  const deaths = taken.events.filter(({ event }) => event === "land:cocoon:vanished").length;
  const isOfDead = (span: TakenSpan): boolean => attributeOf(span, "land.ended_by") === "unknown";
  const spans = taken.unfinished().filter((span) => span.name === "outer" && isOfDead(span)).length;
  misses.expect(deaths === rounds, `${deaths} deaths told of ${rounds}`);
  misses.expect(spans === rounds, `${spans} open spans told of ${rounds}`);
  return {
    name: `${STARTERS} starters at once, ${rounds} rounds`,
    pipe: "both",
    accepted: rounds,
    delivered: deaths,
    misses: misses.list,
  };
}

/** SIGKILL at random moments among spans of every length: those open for long are reported, and no ended ones. */
async function killed(perSecond: number, total: number): Promise<Row> {
  const taken = await new Taken().listen();
  const { where } = taken;
  const results: JobResult[] = [];
  const killEach = async (): Promise<void> => {
    while (results.length < total) {
      const killAfterMs = FIRST_MS + Math.random() * (LAST_MS - FIRST_MS);
      results.push(await runJob({ perSecond }, { ...where, killAfterMs }, "recorderHost.cjs"));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, killEach));
  await tell(where);
  await taken.farEnd.close();
  const misses = new Misses();
  const counts = new Map<string, number>();
  for (const { spanId } of taken.spans) counts.set(spanId, (counts.get(spanId) ?? 0) + 1);
  const unfinished = new Set(taken.unfinished().map(({ spanId }) => spanId));
  const toldAfterMs = Math.min(boundNow(TOLD_AFTER_MS), BUSY_TOLD_AFTER_MS);
  let [expected, found, wrong, orphans] = [0, 0, 0, 0];
  for (const result of results) {
    const { open, ended } = truthOf(result);
    for (const { id, parent, ageMs } of open) {
      if (unfinished.has(id) && parent !== undefined && !counts.has(parent)) orphans++;
      if (ageMs < toldAfterMs) continue;
      expected++;
      if (unfinished.has(id)) found++;
    }
    for (const id of ended) if (unfinished.has(id)) wrong++;
  }
  const twice = [...counts.values()].filter((count) => count > 1).length;
  misses.expect(expected > 0, "no spans were open");
  misses.expect(found === expected, `${expected - found} of ${expected} open spans not told`);
  misses.expect(wrong === 0, `${wrong} ended spans told as open`);
  misses.expect(orphans === 0, `${orphans} parents missing`);
  const vanished = taken.events.filter(({ event }) => event === "land:cocoon:vanished");
  const tellings = new Set(vanished.map(({ uuid }) => uuid)).size;
  // A process that was killed while it started may have written nothing yet.
  const up = results.filter((result) => truthOf(result).ranMs > TOLD_AFTER_MS).length;
  misses.expect(tellings >= up && tellings <= results.length, `${tellings} of ${up} deaths told`);
  const left = filesIn(where.spool, ".spans").length;
  misses.expect(left === 0, `${left} journals left`);
  return {
    name: `SIGKILL, ${results.length} times at ${perSecond} spans a second`,
    pipe: "otlp",
    accepted: expected,
    delivered: found,
    duplicates: twice,
    // A process that reports a death may itself be killed between sending that and recording that it did.
    note: `${tellings} deaths, ${vanished.length - tellings} sent again under the same id`,
    misses: misses.list,
  };
}
