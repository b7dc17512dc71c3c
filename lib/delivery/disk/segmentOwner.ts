import { uptime } from "node:os";
import type { Worker } from "node:worker_threads";
import { attempt } from "../../shared/attempt.js";
import { currentThread } from "../../shared/currentThread.js";
import { fs } from "../../shared/fs.js";
import { wallMs } from "../../shared/timers.js";

/** The writer of a segment; the file's name is made from it. */
export interface SegmentOwner {
  readonly pid: number;
  /** When the process started, in clock ticks since boot; "" where the system does not report it. */
  readonly started: string;
  /** The pid namespace; "" where there is none. */
  readonly namespace: string;
  /** The boot id of the machine; "" where the system does not report it. */
  readonly boot: string;
  readonly thread: number;
}

/**
 * The kinds of files that are named after their owner: segments (`ndjson`), journals of open spans (`spans`, and
 * `spans.new` while one is being rewritten) and run files (`run`).
 */
export type OwnedKind = "ndjson" | "spans" | "spans.new" | "run";
const NAME =
  /^(\d{1,10})\.(\d{0,20})\.(\d{0,20})\.([0-9a-f]{0,12})\.(\d{1,10})\.(u?)[0-9a-z]{1,20}\.(ndjson|spans|spans\.new|run)$/;
/** The first letter of the unique part: whether the segment may contain urgent records. */
const KIND = { true: "u", false: "o" };
/** The owner of a segment that its process has closed. */
const NOBODY: SegmentOwner = { pid: 0, started: "", namespace: "", boot: "", thread: 0 };
const BOOT_DIGITS = 12;
/** An owner that cannot be checked counts as dead once its segment has not been touched for this long, in ms. */
const FOREIGN_IDLE_MS = 60 * 60_000;

/** This thread of this process. */
export function currentOwner(): SegmentOwner {
  return {
    pid: process.pid,
    started: processState(process.pid)?.started ?? "",
    namespace: /\d+/.exec(attempt(() => fs.readlinkSync("/proc/self/ns/pid")) ?? "")?.[0] ?? "",
    boot: (attempt(() => fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8")) ?? "")
      .replace(/[^0-9a-f]/g, "")
      .slice(0, BOOT_DIGITS),
    thread: currentThread(),
  };
}

/** Makes a new file name for a segment or another kind of file, with an owner or without. */
export function segmentName(
  owner: SegmentOwner = NOBODY,
  urgent = false,
  kind: OwnedKind = "ndjson",
): string {
  const { pid, started, namespace, boot, thread } = owner;
  const unique =
    KIND[`${urgent}`] +
    Math.random().toString(36).slice(2, 12) +
    performance.now().toString(36).replace(".", "").slice(0, 8);
  return `${pid}.${started}.${namespace}.${boot}.${thread}.${unique}.${kind}`;
}

/** Parses a file name; undefined when it is not one of ours or not of the given kind. */
export function parseSegmentName(
  name: string,
  kind: OwnedKind = "ndjson",
): { readonly owner: SegmentOwner; readonly urgent: boolean } | undefined {
  const [, pid, started = "", namespace = "", boot = "", thread, mark, found] =
    NAME.exec(name) ?? [];
  if (pid === undefined || found !== kind) return undefined;
  const owner = { pid: Number(pid), started, namespace, boot, thread: Number(thread) };
  return { owner, urgent: mark === KIND.true };
}

/** Whether a name is that of any kind of file that we write. */
export function isOwnName(name: string): boolean {
  return NAME.test(name);
}

/** The owner after which a process of the same pid namespace would name its files. */
export function ownerOf(pid: number, self: SegmentOwner): SegmentOwner {
  return { ...self, pid, started: processState(pid)?.started ?? "", thread: 0 };
}

/** The id of a process's run. It is unique: no other has the same pid and start time in the same namespace and boot. */
export function runId({ pid, started, namespace, boot }: Omit<SegmentOwner, "thread">): string {
  return [pid, started, namespace, boot].join(".");
}

/** Whether two owners are threads of one process. */
export function isSameProcess(one: SegmentOwner, other: SegmentOwner): boolean {
  return (["pid", "started", "namespace", "boot"] as const).every(
    (part) => one[part] === other[part],
  );
}

/** Calls `onEnd` when a worker thread that this thread starts from now on has ended. Returns a disposer. */
export function watchWorkers(onEnd: (thread: number) => void): () => void {
  const onWorker = (worker: Worker): void => {
    // Read now, because an ended worker has no thread id.
    const { threadId } = worker;
    attempt(() => worker.once("exit", () => onEnd(threadId)));
  };
  process.on("worker", onWorker);
  return () => process.removeListener("worker", onWorker);
}

/**
 * Whether the owner of a segment may still write to it. When in doubt the answer is yes, because it is better to adopt
 * a segment late than to take it from a live process. Pid and start time identify a process; a zombie counts as dead.
 */
export function isOwnerAlive(
  owner: SegmentOwner,
  self: SegmentOwner,
  modifiedAt: number,
  endedThreads: ReadonlySet<number>,
): boolean {
  if (owner.pid === 0) return false;
  const now = wallMs();
  const isFresh = now - modifiedAt < FOREIGN_IDLE_MS;
  // The owner ran on this machine before its last boot, or runs on another machine that shares the directory.
  if (owner.boot !== self.boot) return isFresh && modifiedAt >= now - uptime() * 1_000;
  if (owner.namespace !== self.namespace) return isFresh;
  if (owner.pid === self.pid)
    return owner.started === self.started && !endedThreads.has(owner.thread);
  const state = processState(owner.pid);
  if (state === undefined) return answersSignals(owner.pid);
  return !state.dead && (owner.started === "" || state.started === owner.started);
}

/** What /proc says about a process; undefined when it says nothing. */
function processState(
  pid: number,
): { readonly started: string; readonly dead: boolean } | undefined {
  // If /proc belongs to another pid namespace, the same pid there is a different process.
  if (attempt(() => fs.readlinkSync("/proc/self")) !== String(process.pid)) return undefined;
  const stat = attempt(() => fs.readFileSync(`/proc/${pid}/stat`, "utf8"));
  if (stat === undefined) return undefined;
  // The command's name, in parentheses, may contain anything; the state is field 3, the start time field 22.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { started: fields[19] ?? "", dead: fields[0] === "Z" || fields[0] === "X" };
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
