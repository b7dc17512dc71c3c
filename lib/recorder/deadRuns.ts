import { join } from "node:path";
import type { SegmentFile, SegmentFolder } from "../delivery/disk/SegmentFolder.js";
import { isOwnerAlive, runId } from "../delivery/disk/segmentOwner.js";
import { attempt } from "../shared/attempt.js";
import type { Verdict } from "./judgeRun.js";
import { judgeRun } from "./judgeRun.js";
import type { ReadJournal } from "./readJournal.js";
import { readJournal } from "./readJournal.js";
import { findRuns, readStart } from "./runFolder.js";
import type { RunRecord } from "./runRecord.js";
import type { SpanLine } from "./spanLine.js";

/** Maximum size of a journal on disk, in bytes: one for each process is not noticeable on a developer's machine. */
export const MAX_JOURNAL_BYTES = 512 * 1024;
/** Maximum names of open spans reported for one run. */
const MAX_NAMES = 20;

/** A run whose process has ended. */
export interface DeadRun {
  readonly id: string;
  readonly record: RunRecord;
  readonly verdict: Verdict;
  readonly file: SegmentFile;
}

/** A journal file; `journal` is undefined when it cannot be read. */
export interface FoundJournal {
  readonly file: SegmentFile;
  readonly journal: ReadJournal | undefined;
}

/** The runs in a folder whose processes have ended, oldest first. */
export function findDeadRuns(folder: SegmentFolder): DeadRun[] {
  const { self } = folder;
  const dead = findRuns(folder).flatMap(({ file, record }): DeadRun[] => {
    const owner = { ...record.start.owner, thread: 0 };
    if (isOwnerAlive(owner, self, record.seenAt, new Set())) return [];
    const verdict = record.reported ?? judgeRun(record, owner.boot === self.boot);
    return [{ id: runId(owner), record, verdict, file }];
  });
  return dead.sort((a, b) => a.record.start.at - b.record.start.at);
}

/** Yields the journals that nobody writes any more one by one, because reading a full one takes a few ms. */
export function* findJournals(folder: SegmentFolder): Generator<FoundJournal> {
  for (const file of folder.files()) {
    if (file === undefined || folder.isInUse(file)) continue;
    const path = join(folder.path, file.name);
    yield { file, journal: attempt(() => readJournal(readStart(path, MAX_JOURNAL_BYTES))) };
  }
}

/** The spans that a run left open, oldest first. */
export function openSpansOf(run: string, journals: readonly FoundJournal[]): SpanLine[] {
  const open = journals.flatMap(({ journal }) => (journal?.run === run ? journal.open : []));
  return open.sort((a, b) => a.start[0] - b.start[0] || a.start[1] - b.start[1]);
}

/** The last sign of life of a run, from its own file or a journal, in ms of the wall clock. */
export function lastSeen({ id, record }: DeadRun, journals: readonly FoundJournal[]): number {
  const times = journals.map(({ file, journal }) => (journal?.run === id ? file.modifiedAt : 0));
  return Math.max(record.seenAt, ...times);
}

/** The names of open spans to report: those of the last `MAX_NAMES`. */
export function namesOf(open: readonly SpanLine[]): string[] {
  return open.slice(-MAX_NAMES).map(({ name }) => name);
}
