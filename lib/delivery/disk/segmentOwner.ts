import { uptime } from "node:os";
import type { Worker } from "node:worker_threads";
import { attempt } from "../../shared/attempt.js";
import { currentThread } from "../../shared/currentThread.js";
import { fs } from "../../shared/fs.js";
import { wallMs } from "../../shared/timers.js";

/** Who writes a segment; its file is named after it. */
export interface SegmentOwner {
  readonly pid: number;
  /** When the process started, in clock ticks since boot; "" where the system does not say. */
  readonly started: string;
  /** The namespace that the pid counts in; "" where there is none. */
  readonly namespace: string;
  /** The boot id of the machine; "" where the system does not say. */
  readonly boot: string;
  readonly thread: number;
}

/**
 * The kinds of files that are named after their owner: segments; journals of open spans, and one that is being
 * rewritten; the files of runs.
 */
export type OwnedKind = "ndjson" | "spans" | "spans.new" | "run";
const NAME =
  /^(\d{1,10})\.(\d{0,20})\.(\d{0,20})\.([0-9a-f]{0,12})\.(\d{1,10})\.(u?)[0-9a-z]{1,20}\.(ndjson|spans|spans\.new|run)$/;
/** What the unique part begins with, by whether there are urgent records in the segment. */
const KIND = { true: "u", false: "o" };
/** The owner of a segment that its process has closed. */
const NOBODY: SegmentOwner = { pid: 0, started: "", namespace: "", boot: "", thread: 0 };
const BOOT_DIGITS = 12;
/** An owner that cannot be looked up counts as dead once its segment has not been touched for this long, in ms. */
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

/** A new file name for a segment or another kind of file, of an owner or of nobody. */
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

/** What a file name says; undefined when it is not one of ours, or not of the kind that is asked for. */
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

/** Whether a file has the name of any kind that we write. */
export function isOwnName(name: string): boolean {
  return NAME.test(name);
}

/** The owner that a process of the same namespace would name its files after. */
export function ownerOf(pid: number, self: SegmentOwner): SegmentOwner {
  return { ...self, pid, started: processState(pid)?.started ?? "", thread: 0 };
}

/** Names the run of a process: no other has the same pid and start in the same namespace and boot. */
export function runId({ pid, started, namespace, boot }: Omit<SegmentOwner, "thread">): string {
  return [pid, started, namespace, boot].join(".");
}

/** Whether two are threads of one process. */
export function isSameProcess(one: SegmentOwner, other: SegmentOwner): boolean {
  return (["pid", "started", "namespace", "boot"] as const).every(
    (part) => one[part] === other[part],
  );
}

/** Tells of each worker thread that this thread starts from now on, when it has ended. Returns what ends that. */
export function watchWorkers(onEnd: (thread: number) => void): () => void {
  const onWorker = (worker: Worker): void => {
    // Afterwards it has none.
    const { threadId } = worker;
    attempt(() => worker.once("exit", () => onEnd(threadId)));
  };
  process.on("worker", onWorker);
  return () => process.removeListener("worker", onWorker);
}

/**
 * Whether the owner of a segment may still write to it. When in doubt the answer is yes, because it is better to
 * adopt a segment late than to take it from a living process. Pid and start time identify a process; a zombie is dead.
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
  // Either this machine before its last start, or another machine that shares the directory.
  if (owner.boot !== self.boot) return isFresh && modifiedAt >= now - uptime() * 1_000;
  if (owner.namespace !== self.namespace) return isFresh;
  if (owner.pid === self.pid)
    return owner.started === self.started && !endedThreads.has(owner.thread);
  const state = processState(owner.pid);
  if (state === undefined) return answersSignals(owner.pid);
  return !state.dead && (owner.started === "" || state.started === owner.started);
}

/** What the system says of a process; undefined when it says nothing. */
function processState(
  pid: number,
): { readonly started: string; readonly dead: boolean } | undefined {
  // In a namespace whose /proc is another's, the same number is somebody else's there.
  if (attempt(() => fs.readlinkSync("/proc/self")) !== String(process.pid)) return undefined;
  const stat = attempt(() => fs.readFileSync(`/proc/${pid}/stat`, "utf8"));
  if (stat === undefined) return undefined;
  // The command's name, in parentheses, may hold anything; the state is field 3 and the start field 22.
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
