import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { basename, dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import type { Pipe } from "../../../lib/shared/Stats";
import { boundNow } from "../busy";
import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import { recordsIn, segmentsIn } from "../recordsIn";
import type { Row } from "../Row";
import { balanceMisses, compare, endOf, Misses } from "../Row";
import type { Job, JobResult, Surroundings } from "../runJob";
import { freshDirectory, runJob } from "../runJob";
import { TAMPERINGS } from "../tamperings";

const PIPES = ["otlp", "posthog"] as const;
/** How long a host's event loop may be blocked, and how much of its memory may be used. */
const MAX_BLOCK_MS = 50;
const MAX_MEMORY_BYTES = 60 * 1024 * 1024;
const MAX_SPOOL_BYTES = 128 * 1024 * 1024;
/** The short form tries one in this many kinds of tampering. */
const SHORT_STEP = 9;
const WORK: NonNullable<Job["steps"]> = [
  ["spans", 12],
  ["errors", 4],
];
/** Small batches make several records. */
const SMALL_BATCHES = { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "4" };
/** A process is watched from here on: by then it has loaded what it loads. */
const STARTED: NonNullable<Job["steps"]> = [["pause", 500], ["watch"]];
/** A start, which adopts and sends what waits on disk. */
const START: NonNullable<Job["steps"]> = [...STARTED, ["flush", 60_000]];
/** Many concurrent processes keep a small machine and its far end busy for longer than a request may take. */
const PATIENT = { OTEL_EXPORTER_OTLP_TIMEOUT: "120000" };
const RECORDS = 130_000;
const SHORT_RECORDS = 20_000;
const SEGMENT_BYTES = 1024 * 1024;
const SHORT_LIVES = 40;
/** Spread over several turns of the event loop, whose blocks are measured. */
const SHORT_LIFE: NonNullable<Job["steps"]> = [
  ["spans", 100],
  ...Array.from({ length: 8 }).flatMap((): NonNullable<Job["steps"]> => [
    ["pause", 1],
    ["errors", 5],
  ]),
];
const SMALL_SPOOL = 300_000;
/** Older than the age from which the files of a process that cannot be looked up are adopted. */
const LONG_AGO_S = 2 * 3_600;

/** A spool that was tampered with, is full, is shared by many, or is smaller than what arrives. */
export const spool: Case = {
  name: "spool",
  async *run({ short, fault }) {
    const parts: Readonly<Record<string, () => AsyncGenerator<Row>>> = {
      tampered: () => tampered(TAMPERINGS.filter((_, i) => !short || i % SHORT_STEP === 0)),
      full: () => fullSpool(short ? SHORT_RECORDS : RECORDS),
      adopters: () => manyAdopters(short ? 8 : 50, short ? 80 : 500),
      short: () => shortLives(short ? SHORT_LIVES / 4 : SHORT_LIVES),
      worker: terminatedWorker,
      batch: smallerThanABatch,
      link: clearedLink,
    };
    for (const [name, part] of Object.entries(parts)) if (name.includes(fault)) yield* part();
  },
};

/** A spool that a process left while its far end was down, and that far end. */
async function leftBehind(
  steps: NonNullable<Job["steps"]> = WORK,
): Promise<{ farEnd: FarEnd; where: Surroundings; left: JobResult }> {
  const farEnd = await new FarEnd().listen();
  await farEnd.close();
  const where = { url: `http://127.0.0.1:${farEnd.port}`, spool: freshDirectory() };
  const left = await runJob({ steps }, { ...where, env: SMALL_BATCHES });
  return { farEnd, where, left };
}

/** The misses for starts that cost more than they may. */
function costs(results: readonly JobResult[]): { misses: string[]; note: string } {
  const block = Math.max(...results.map(({ journal }) => journal.longestBlock));
  const grown = results.map(({ journal: { memory } }) => memory.peak - memory.start);
  const bytes = Math.max(...grown);
  const misses = new Misses();
  misses.expect(block > 0 && block <= boundNow(MAX_BLOCK_MS), `blocked for ${block.toFixed(0)} ms`);
  misses.expect(bytes <= MAX_MEMORY_BYTES, `${toMb(bytes)} MB more`);
  return {
    misses: misses.list,
    note: `longest block ${block.toFixed(0)} ms, ${toMb(bytes)} MB more`,
  };
}

function toMb(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(0);
}

function bytesIn(folder: string): number {
  return segmentsIn(folder).reduce((sum, file) => {
    const stat = fs.lstatSync(file);
    return sum + (stat.isFile() && stat.nlink === 1 ? stat.size : 0);
  }, 0);
}

/** Each kind of tampering, and a start after it: what is intact arrives once, what is not costs only itself. */
async function* tampered(kinds: typeof TAMPERINGS): AsyncGenerator<Row> {
  const { farEnd: closed, where, left } = await leftBehind();
  const wrong: string[] = [];
  const starts: JobResult[] = [];
  const sums = { otlp: { accepted: 0, delivered: 0 }, posthog: { accepted: 0, delivered: 0 } };
  for (const { name, disowns, apply } of kinds) {
    const copy = freshDirectory();
    fs.cpSync(where.spool, copy, { recursive: true, preserveTimestamps: true });
    const segments = segmentsIn(copy);
    for (const folder of new Set(segments.map((file) => dirname(file))))
      apply(folder, segments.findLast((file) => dirname(file) === folder) ?? "");
    const farEnd = new FarEnd();
    farEnd.port = closed.port;
    farEnd.behaviour = (response, request, body) => {
      if (request.headers["x-evil"] !== undefined) wrong.push(`${name}: a header of its own`);
      try {
        farEnd.accept(response, request, body);
      } catch {
        response.writeHead(400).end();
      }
    };
    await farEnd.listen();
    const start = await runJob({ steps: START }, { ...where, spool: copy, killAfterMs: 60_000 });
    await farEnd.close();
    starts.push(start);
    for (const pipe of PIPES) {
      const { accepted, delivered, duplicates } = compare(pipe, [left], farEnd.arrivals);
      sums[pipe].accepted += disowns ? 0 : accepted;
      sums[pipe].delivered += delivered;
      if (delivered !== (disowns ? 0 : accepted) || duplicates > 0)
        wrong.push(`${name}: ${pipe} ${delivered} of ${accepted}, ${duplicates} twice`);
    }
    if (endOf(start) !== "0") wrong.push(`${name}: ended with ${endOf(start)}`);
    wrong.push(...costs([start]).misses.map((miss) => `${name}: ${miss}`));
    if (!disowns && bytesIn(copy) > MAX_SPOOL_BYTES) wrong.push(`${name}: larger than its bound`);
    fs.rmSync(copy, { recursive: true, force: true });
  }
  for (const pipe of PIPES)
    yield {
      name: `spool tampered with in ${kinds.length} ways`,
      pipe,
      ...sums[pipe],
      duplicates: 0,
      lost: sums[pipe].accepted - sums[pipe].delivered,
      exits: ["0", [...new Set(starts.map(endOf))].join()],
      note: costs(starts).note,
      misses: [...wrong, ...balanceMisses(starts)],
    };
}

/** As many small batches as a full spool holds, as after a day's outage. */
async function* fullSpool(records: number): AsyncGenerator<Row> {
  const { farEnd, where, left } = await leftBehind([["spans", 1]]);
  const [segment = ""] = segmentsIn(where.spool).filter((file) => file.includes("/otlp/"));
  const template = fs
    .readFileSync(segment, "utf8")
    .split("\n")
    .find((each) => each.includes('"name":"w'));
  const seen = writeRecords(dirname(segment), template ?? "", records);
  // Full to its limit, which a host may have set.
  const options = {
    spool: { maxBytes: bytesIn(join(where.spool, "v1", "otlp")) + 2 * SEGMENT_BYTES },
  };
  await farEnd.recover();
  // V8 takes memory for its young generation in any process that works this long; the spool does not cost that.
  const steps: Job["steps"] = [["work"], ...STARTED, ["flush", 600_000]];
  const start = await runJob({ steps, options }, where);
  await farEnd.close();
  const counts = [...seen].map((name) => farEnd.arrivals.counts.otlp.get(name) ?? 0);
  const delivered = counts.filter((count) => count > 0).length;
  const { misses, note } = costs([start]);
  const { lost } = compare("otlp", [left], farEnd.arrivals);
  const misses2 = new Misses();
  misses2.expect(delivered === seen.size && lost === 0, "not all arrived");
  misses2.expect(
    counts.every((count) => count <= 1),
    "some arrived twice",
  );
  misses2.expect(recordsIn(where.spool).otlp === 0, "left in the spool");
  yield {
    name: `full spool, ${records} records`,
    pipe: "otlp",
    accepted: seen.size,
    delivered,
    duplicates: counts.filter((count) => count > 1).length,
    lost: seen.size - delivered,
    exits: ["0", endOf(start)],
    note,
    misses: [...misses, ...misses2.list, ...balanceMisses([start])],
  };
}

/** Writes records like a given one, each with its own spans, in segments of a given size; returns the spans' names. */
function writeRecords(
  folder: string,
  template: string,
  records: number,
  segmentBytes = SEGMENT_BYTES,
): ReadonlySet<string> {
  const { id, body } = JSON.parse(template) as { id: string; body: unknown };
  const names = [...JSON.stringify(body).matchAll(/"name":"(w[^"]*)"/g)].map(
    ([, name]) => name ?? "",
  );
  const seen = new Set<string>();
  const content = template.slice(0, template.lastIndexOf(',"checksum":'));
  let lines: Buffer[] = [];
  let [bytes, files] = [0, 0];
  for (let i = 0; i < records; i++) {
    let text = content.replace(id, `${id.slice(0, -6)}${String(i).padStart(6, "0")}`);
    for (const name of names) {
      seen.add(`${name}x${i}`);
      text = text.replace(`"name":"${name}"`, `"name":"${name}x${i}"`);
    }
    const line = Buffer.from(
      `${text},"checksum":"${crc32(text).toString(16).padStart(8, "0")}"}\n`,
    );
    lines.push(line);
    bytes += line.byteLength;
    if (bytes < segmentBytes && i < records - 1) continue;
    fs.writeFileSync(join(folder, `0....0.o${files++}.ndjson`), Buffer.concat(lines), {
      mode: 0o600,
    });
    [lines, bytes] = [[], 0];
  }
  return seen;
}

/** Many processes start together on what others have left, half of them each in its own PID namespace. */
async function* manyAdopters(processes: number, orphans: number): AsyncGenerator<Row> {
  const { farEnd, where, left } = await leftBehind([["spans", 4]]);
  const [segment = ""] = segmentsIn(where.spool).filter((file) => file.includes("/otlp/"));
  const [template = ""] = fs.readFileSync(segment, "utf8").split("\n");
  const folder = dirname(segment);
  const seen = writeRecords(folder, template, orphans, 1);
  for (const orphan of segmentsIn(folder))
    fs.utimesSync(orphan, Date.now() / 1_000 - LONG_AGO_S, Date.now() / 1_000 - LONG_AGO_S);
  const other = otherNamespace();
  await farEnd.recover();
  const starts = await Promise.all(
    Array.from({ length: processes }, (_, i) =>
      runJob(
        { steps: [...STARTED, ["flush", 300_000], ["pause", 1_000], ["flush", 300_000]] },
        { ...where, ...(i % 2 === 0 ? {} : other), env: PATIENT },
      ),
    ),
  );
  // Sends their own last spans, for which a busy machine had no time when they ended.
  await runJob(
    {
      steps: [
        ["flush", 60_000],
        ["shutdown", 60_000],
      ],
    },
    { ...where, env: PATIENT },
  );
  await farEnd.close();
  const counts = [...seen].map((name) => farEnd.arrivals.counts.otlp.get(name) ?? 0);
  const delivered = counts.filter((count) => count > 0).length;
  const duplicates = counts.filter((count) => count > 1).length;
  const { misses, note } = costs(starts);
  const more = new Misses();
  const corrupt = starts.filter(
    ({ journal }) => journal.stats?.otlp.dropped["spool_corrupt"] !== undefined,
  );
  more.expect(delivered === seen.size, `${seen.size - delivered} lost`);
  more.expect(duplicates === 0, `${duplicates} twice`);
  more.expect(corrupt.length === 0, `${corrupt.length} books tell of damage`);
  more.expect(recordsIn(where.spool).otlp === 0, "left in the spool");
  more.expect(
    starts.every((start) => endOf(start) === "0"),
    starts.map(endOf).join(),
  );
  more.expect(endOf(left) === "0", "no orphans");
  yield {
    name: `${processes} processes on ${orphans} orphans`,
    pipe: "otlp",
    accepted: seen.size,
    delivered,
    duplicates,
    lost: seen.size - delivered,
    exits: ["0", [...new Set(starts.map(endOf))].join()],
    note: `${other === undefined ? "no namespace allowed: all in one" : "half of them in PID namespaces of their own"}; ${note}`,
    misses: [...misses, ...more.list, ...balanceMisses(starts)],
  };
}

/** How to run in a separate PID namespace; undefined if we lack the rights for that. */
function otherNamespace(): Pick<Surroundings, "inside" | "shell"> | undefined {
  const inside = ["unshare", "--pid", "--fork", "--mount-proc"];
  try {
    execFileSync(inside[0] ?? "", [...inside.slice(1), "true"], { stdio: "ignore" });
    return { inside, shell: ":" };
  } catch {
    return undefined;
  }
}

/** One process after another ends before it would look at what others have left, while the far end is down. */
async function* shortLives(lives: number): AsyncGenerator<Row> {
  const farEnd = await new FarEnd().listen();
  await farEnd.close();
  const where = { url: `http://127.0.0.1:${farEnd.port}`, spool: freshDirectory() };
  const options = { spool: { maxBytes: SMALL_SPOOL } };
  const results: JobResult[] = [];
  const largest = { otlp: 0, posthog: 0 };
  for (let life = 0; life < lives; life++) {
    results.push(await runJob({ steps: [...STARTED, ...SHORT_LIFE], options }, where));
    for (const pipe of PIPES)
      largest[pipe] = Math.max(largest[pipe], bytesIn(join(where.spool, "v1", pipe)));
  }
  const { misses, note } = costs(results);
  await farEnd.recover();
  const last = await runJob({ steps: [["flush", 60_000]], options }, where);
  for (const pipe of PIPES) {
    const more = new Misses();
    const found = compare(pipe, results, farEnd.arrivals);
    const dropped = droppedBy([...results, last], pipe);
    more.expect(largest[pipe] <= SMALL_SPOOL, `${largest[pipe]} bytes`);
    more.expect(largest[pipe] > SMALL_SPOOL / 2, "the spool was never full");
    more.expect(found.delivered > 0 && found.duplicates === 0, `${found.duplicates} duplicates`);
    // What is dropped is in the books of some process, together with the ends of sessions.
    more.expect(
      found.lost <= dropped && dropped <= found.lost + results.length,
      `${found.lost} lost, ${dropped} counted`,
    );
    yield {
      name: `${lives} short processes, a spool of ${SMALL_SPOOL} bytes`,
      pipe,
      ...found,
      dropped: { spool_full: dropped },
      exits: ["0", [...new Set([...results, last].map(endOf))].join()],
      note: `at most ${largest[pipe]} bytes; ${note}`,
      misses: [...misses, ...more.list, ...balanceMisses([...results, last])],
    };
  }
  await farEnd.close();
}

function droppedBy(results: readonly JobResult[], pipe: Pipe): number {
  return results.reduce((sum, { journal }) => {
    const dropped: Readonly<Record<string, number>> = journal.stats?.[pipe].dropped ?? {};
    return sum + (dropped["spool_full"] ?? 0);
  }, 0);
}

/** What a terminated thread has left is sent while its process lives. */
async function* terminatedWorker(): AsyncGenerator<Row> {
  const farEnd = await new FarEnd().listen();
  await farEnd.close();
  const where = { url: `http://127.0.0.1:${farEnd.port}`, spool: freshDirectory() };
  const recovery = setTimeout(() => void farEnd.recover(), 4_000);
  const steps: Job["steps"] = [
    [
      "workers",
      {
        count: 1,
        steps: [
          ["errors", 5],
          ["pause", 300],
        ],
        ending: "terminated",
      },
    ],
    ["pause", 5_000],
    ["errors", 1],
    ["settle", 20_000],
  ];
  const result = await runJob({ steps, ending: "exit" }, where);
  clearTimeout(recovery);
  const found = compare("posthog", [result], farEnd.arrivals);
  const misses = new Misses();
  misses.expect(found.lost === 0, `${found.lost} did not arrive while the process lived`);
  misses.expect(found.duplicates === 0, `${found.duplicates} duplicates`);
  await farEnd.close();
  yield {
    name: "worker.terminate()",
    pipe: "posthog",
    ...found,
    exits: ["0", endOf(result)],
    misses: [...misses.list, ...balanceMisses([result])],
  };
}

/** A batch that is larger than the spool takes in one write is spooled in parts. */
async function* smallerThanABatch(): AsyncGenerator<Row> {
  const farEnd = await new FarEnd().listen();
  await farEnd.close();
  const where = { url: `http://127.0.0.1:${farEnd.port}`, spool: freshDirectory() };
  const options = { spool: { maxBytes: SMALL_SPOOL } };
  const result = await runJob({ steps: [["spans", 300]], options }, where);
  await farEnd.recover();
  const after = await runJob({ steps: [["flush", 30_000]], options }, where);
  await farEnd.close();
  const found = compare("otlp", [result], farEnd.arrivals);
  const misses = new Misses();
  misses.expect(found.lost === 0, `${found.lost} lost`);
  yield {
    name: "a spool smaller than eight batches",
    pipe: "otlp",
    ...found,
    dropped: result.journal.stats?.otlp.dropped ?? {},
    exits: ["0", endOf(after)],
    misses: [...misses.list, ...balanceMisses([result, after])],
  };
}

/** An opt-out deletes what is ours, and nothing behind a link. */
async function* clearedLink(): AsyncGenerator<Row> {
  const { where } = await leftBehind();
  const elsewhere = freshDirectory();
  const folder = join(where.spool, "v1", "posthog");
  const moved = join(elsewhere, basename(folder));
  fs.renameSync(folder, moved);
  fs.symlinkSync(moved, folder);
  const before = segmentsIn(moved).length;
  const result = await runJob({ steps: [] }, { ...where, env: { Capture: "false" } });
  const misses = new Misses();
  misses.expect(before > 0, "nothing spooled");
  misses.expect(segmentsIn(moved).length === before, "deleted behind a link");
  misses.expect(recordsIn(join(where.spool, "v1", "otlp")).otlp === 0, "deleted nothing");
  yield {
    name: "opt-out, the spool is a link",
    pipe: "both",
    exits: ["0", endOf(result)],
    misses: misses.list,
  };
}
