import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import type { Case } from "../Case";
import { FarEnd } from "../FarEnd";
import type { Row } from "../Row";
import { balanceMisses, compare, endOf, Misses } from "../Row";
import type { Job, JobResult, Surroundings } from "../runJob";
import { freshDirectory, runJob } from "../runJob";
import { segmentsIn } from "../recordsIn";

const WORK: NonNullable<Job["steps"]> = [
  ["spans", 20],
  ["errors", 5],
  ["events", 2],
  ["pause", 300],
  ["spans", 20],
  ["errors", 5],
];
/** A file may not grow beyond this many blocks of 512 bytes: the only limit of a disk that needs no rights. */
const FILE_LIMIT = "ulimit -f 12";
/** The bytes of a disk in a separate namespace, which vanishes with the process; this requires root. */
const SMALL_DISK = 16_384;
/** The user nobody, who may not write to a directory of root's. */
const NOBODY = 65_534;
const ROUNDS = 20;
const SHORT_ROUNDS = 5;
const FLIPS = 6;

/** Disks that do not do what they should. */
export const disks: Case = {
  name: "disks",
  async *run({ short }) {
    for (const state of ["healthy", "down then up"] as const) {
      const { note, ...how } = fullDisk();
      yield* withoutDisk(`disk full, ${state}`, state, how, note);
    }
    for (const state of ["healthy", "down then up"] as const)
      yield* withoutDisk(`files cut off, ${state}`, state, { shell: FILE_LIMIT }, "ulimit -f");
    for (const state of ["healthy", "down then up"] as const) {
      const { note, ...how } = readOnlySpool();
      yield* withoutDisk(`spool read-only, ${state}`, state, how, note);
    }
    const file = `${freshDirectory()}/file`;
    writeFileSync(file, "");
    yield* withoutDisk("spool is a file", "down then up", { spool: file });
    yield* corrupted(short ? SHORT_ROUNDS : ROUNDS);
  },
};

/** A disk that has no room left after the first records; if none may be mounted, files that may not grow. */
function fullDisk(): Partial<Surroundings> & { readonly note: string } {
  const spool = freshDirectory();
  const inside = ["unshare", "--mount"];
  const shell = `mount -t tmpfs -o size=${SMALL_DISK} tmpfs ${spool}`;
  try {
    execFileSync(inside[0] ?? "", [...inside.slice(1), "sh", "-c", shell], { stdio: "ignore" });
    return { spool, inside, shell, note: `tmpfs of ${SMALL_DISK / 1024} KiB` };
  } catch {
    return { shell: FILE_LIMIT, note: "no mount allowed: ulimit -f" };
  }
}

/** A read-only directory. Root needs a read-only disk for that: another user may not even read root's checkout. */
function readOnlySpool(): Partial<Surroundings> & { readonly note: string } {
  const spool = freshDirectory();
  chmodSync(spool, 0o555);
  if (process.getuid?.() !== 0) return { spool, note: "" };
  const inside = ["unshare", "--mount"];
  const shell = `mount -t tmpfs -o ro tmpfs ${spool}`;
  try {
    execFileSync(inside[0] ?? "", [...inside.slice(1), "sh", "-c", shell], { stdio: "ignore" });
    return { spool, inside, shell, note: "read-only disk" };
  } catch {
    return { spool, uid: NOBODY, note: "no mount allowed: as nobody" };
  }
}

/** Nothing can be kept on disk, but what can be delivered while the process lives is delivered. */
async function* withoutDisk(
  name: string,
  state: "healthy" | "down then up",
  how: Partial<Surroundings>,
  note = "",
): AsyncGenerator<Row> {
  const farEnd = await new FarEnd().listen();
  let recovery: NodeJS.Timeout | undefined;
  if (state === "down then up") {
    await farEnd.close();
    recovery = setTimeout(() => void farEnd.recover(), 1_500);
  }
  const where: Surroundings = {
    url: `http://127.0.0.1:${farEnd.port}`,
    spool: freshDirectory(),
    ...how,
  };
  // The limits also apply to the journal, which is a file too.
  const work: Job["steps"] = [...WORK, ["settle", 20_000]];
  const result = await runJob({ steps: work }, where);
  for (const pipe of ["otlp", "posthog"] as const) {
    const misses = new Misses();
    const found = compare(pipe, [result], farEnd.arrivals);
    const complaints = result.lines.filter(
      (line) => line.includes("cannot write to") && line.includes(`/${pipe}/`),
    ).length;
    misses.expect(found.lost === 0, `${found.lost} lost`);
    misses.expect(complaints <= 1, `${complaints} complaints`);
    if (state === "down then up" && !name.includes("full") && !name.includes("cut off"))
      misses.expect(complaints === 1, "nothing said");
    if (state === "down then up" && note.startsWith("tmpfs"))
      misses.expect(
        result.lines.some((line) => line.includes("cannot write to")),
        "the disk was never full",
      );
    misses.expect(endOf(result) === "0", result.lines.join(" "));
    misses.list.push(...balanceMisses([result]));
    yield {
      name,
      pipe,
      ...found,
      exits: ["0", endOf(result)],
      lines: result.lines.filter((line) => line.includes(pipe)).length,
      note,
      misses: misses.list,
    };
  }
  // A child that failed early ends before that; a far end that recovered afterwards would keep this process alive.
  clearTimeout(recovery);
  await farEnd.close();
}

/** Bytes of the spool are changed at random: every line that is still intact arrives, the others are counted. */
async function* corrupted(rounds: number): AsyncGenerator<Row> {
  const farEnd = await new FarEnd().listen();
  const url = `http://127.0.0.1:${farEnd.port}`;
  const firsts: JobResult[] = [];
  const seconds: JobResult[] = [];
  const damaged: string[] = [];
  for (let round = 0; round < rounds; round++) {
    const spool = freshDirectory();
    farEnd.behaviour = (_response, request) => request.socket.destroy();
    firsts.push(
      await runJob({ steps: WORK }, { url, spool, env: { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "4" } }),
    );
    for (const file of segmentsIn(spool)) damaged.push(...damage(file));
    await farEnd.recover();
    seconds.push(await runJob({ steps: [["flush", 10_000]] }, { url, spool }));
  }
  for (const pipe of ["otlp", "posthog"] as const) {
    const misses = new Misses();
    const found = compare(pipe, firsts, farEnd.arrivals, (name) =>
      damaged.some((line) => holds(line, name)),
    );
    misses.expect(
      found.lost === 0,
      `${found.lost} lost from whole lines: ${found.lostNames[0] ?? ""}`,
    );
    const skipped = seconds.reduce(
      (sum, { journal }) => sum + (journal.stats?.[pipe].dropped["spool_corrupt"] ?? 0),
      0,
    );
    misses.expect(found.accepted === found.delivered || skipped > 0, "nothing counted");
    misses.expect(
      seconds.every((result) => endOf(result) === "0"),
      "exit code",
    );
    misses.list.push(...balanceMisses([...firsts, ...seconds]));
    yield {
      name: `spool corrupted, ${rounds} times`,
      pipe,
      ...found,
      dropped: { spool_corrupt: skipped },
      exits: ["0", "0"],
      note: `${found.accepted - found.delivered} in damaged lines`,
      misses: misses.list,
    };
  }
  await farEnd.close();
}

/** Whether a line holds a name; session starts are told apart by their process. */
function holds(line: string, name: string): boolean {
  const [, event, pid] = /^(land:.*):(\d+)$/.exec(name) ?? [];
  if (event === undefined || pid === undefined) return line.includes(`"${name}"`);
  return (
    line.includes(`"${event}"`) &&
    (line.includes(`"pid":"${pid}"`) || line.includes(`"intValue":${pid}`))
  );
}

/** Changes some bytes of a file; returns the lines that were changed, as they were before. */
function damage(file: string): string[] {
  const bytes = readFileSync(file);
  const before = Buffer.from(bytes);
  const touched = new Set<string>();
  for (let flip = 0; flip < FLIPS && bytes.length > 0; flip++) {
    const at = Math.floor(Math.random() * bytes.length);
    bytes[at] = Math.floor(Math.random() * 256);
    touched.add(lineAt(before, at));
    // A lost newline joins two lines.
    if (before[at] === 0x0a) touched.add(lineAt(before, at + 1));
  }
  writeFileSync(file, bytes);
  return [...touched];
}

function lineAt(bytes: Buffer, at: number): string {
  const start = bytes.lastIndexOf(0x0a, at - 1) + 1;
  const end = bytes.indexOf(0x0a, at);
  return bytes.toString("latin1", at === 0 ? 0 : start, end < 0 ? bytes.length : end);
}
