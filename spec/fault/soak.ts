/**
 * Mixed faults for a long time: half an hour, or `--short`, or `--minutes=`. Memory and handles must stay flat, the
 * books must balance at every check, and nothing may be lost. The exit code is 1 if any of this fails.
 */
import { rmSync } from "node:fs";
import { FarEnd } from "./FarEnd";
import { FAULTS } from "./faults";
import type { Sample } from "./Journal";
import { balanceMisses, compare, endOf, median, Misses } from "./Row";
import type { Row } from "./Row";
import { printTable } from "./printTable";
import { faultHome, freshDirectory, runJob } from "./runJob";

const MINUTES = 30;
const SHORT_MINUTES = 0.75;
/** The longest that a fault, or the healthy time after it, lasts, in ms. */
const MAX_PHASE_MS = 4_000;
/** How far the heap of the last third may exceed that of the first, because of the collector's noise. */
const MAX_HEAP_GROWTH = 4 * 1024 * 1024;
const MAX_HANDLE_GROWTH = 4;
/** After this many ms, the worst fault that is under way at the end is over, and what it left is sent. */
const SETTLE_MS = 60_000;

async function main(): Promise<void> {
  const given = process.argv
    .find((argument) => argument.startsWith("--minutes="))
    ?.slice("--minutes=".length);
  const minutes =
    given === undefined
      ? process.argv.includes("--short")
        ? SHORT_MINUTES
        : MINUTES
      : Number(given);
  const farEnd = await new FarEnd().listen();
  const where = {
    url: `http://127.0.0.1:${farEnd.port}`,
    spool: freshDirectory(),
    nodeArgs: ["--expose-gc"],
    env: { OTEL_EXPORTER_OTLP_TIMEOUT: "2000" },
  };
  const disturbing = disturb(farEnd, minutes * 60_000);
  const result = await runJob(
    { steps: [["soak", { ms: minutes * 60_000, everyMs: 10 }], ["settle", SETTLE_MS], ["sample"]] },
    where,
  );
  const faults = await disturbing;
  const rows: Row[] = [];
  for (const pipe of ["otlp", "posthog"] as const) {
    const misses = new Misses();
    const found = compare(pipe, [result], farEnd.arrivals);
    const { samples } = result.journal;
    const [heap, fds, handles] = [
      growth(samples, "heap"),
      growth(samples, "fds"),
      growth(samples, "handles"),
    ];
    misses.expect(samples.length >= 6, `${samples.length} samples`);
    misses.expect(heap <= MAX_HEAP_GROWTH, "heap");
    misses.expect(Math.max(fds, handles) <= MAX_HANDLE_GROWTH, "handles");
    misses.expect(found.lost === 0, `${found.lost} lost`);
    if (pipe === "posthog") misses.expect(found.duplicates === 0, "duplicates");
    misses.expect(result.journal.settled, "not settled");
    misses.list.push(...balanceMisses([result]));
    const note = `heap ${(heap / 2 ** 20).toFixed(1)} MB, descriptors ${fds}, handles ${handles} more in the last third than in the first, of ${samples.length} samples`;
    rows.push({
      name: `${minutes} min, ${faults} faults`,
      pipe,
      ...found,
      dropped: result.journal.stats?.[pipe].dropped ?? {},
      exits: ["0", endOf(result)],
      lines: result.lines.length,
      note,
      misses: misses.list,
    });
  }
  printTable(rows);
  await farEnd.close();
  rmSync(faultHome(), { recursive: true, force: true });
  process.exitCode = rows.every(({ misses }) => misses.length === 0) ? 0 : 1;
}

/** One retryable fault after another, each with a healthy time after it. */
async function disturb(farEnd: FarEnd, forMs: number): Promise<number> {
  // Not the one that asks for a day: it gets five minutes, in which nothing else would be tried.
  const faults = FAULTS.filter(
    ({ name, kind, host, protocol }) =>
      kind === "retry" && host === undefined && protocol === undefined && !name.includes("a day"),
  );
  const end = performance.now() + forMs;
  let count = 0;
  while (performance.now() < end) {
    const fault = faults[Math.floor(Math.random() * faults.length)];
    await fault?.begin(farEnd);
    count++;
    await pause(Math.random() * MAX_PHASE_MS);
    await farEnd.recover();
    await pause(Math.random() * MAX_PHASE_MS);
  }
  return count;
}

function growth(samples: readonly Sample[], key: keyof Sample): number {
  const third = Math.floor(samples.length / 3);
  const of = (part: readonly Sample[]): number => median(part.map((sample) => sample[key]));
  return of(samples.slice(-third)) - of(samples.slice(0, third));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

void main();
