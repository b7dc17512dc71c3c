import { join } from "node:path";
import { SegmentFolder } from "../delivery/disk/SegmentFolder.js";
import { isSameProcess, type SegmentOwner } from "../delivery/disk/segmentOwner.js";
import { attempt } from "../shared/attempt.js";
import { fs } from "../shared/fs.js";
import { wallMs } from "../shared/timers.js";
import type { DeadRun, FoundJournal } from "./deadRuns.js";
import { findDeadRuns, findJournals, lastSeen, namesOf, openSpansOf } from "./deadRuns.js";
import type { ReadJournal } from "./readJournal.js";
import { appendLines } from "./runFolder.js";
import type { SpanLine } from "./spanLine.js";

/** Reported runs kept per tier, from which consecutive failed launches are counted. */
const MAX_KEPT = 5;
/** Maximum runs reported per pass; the others wait for a later one. */
const MAX_REPORTED = 32;
/** A journal without a run file is reported after this, in ms. Every run file is kept for at least as long. */
const UNKNOWN_AFTER_MS = 60_000;
/** A file that cannot be read may be another version's, so it is deleted only after this, in ms. */
const MAX_AGE_MS = 7 * 24 * 60 * 60_000;

/** How to report what dead processes have left. A report must be on disk when its function returns. */
export interface Reporters {
  /** Reports a run that nobody has reported yet. `open` are its open spans, oldest first. */
  readonly reportRun: (run: DeadRun, open: readonly SpanLine[]) => void;
  /** Reports a journal, with its run if that has a file. `seenAt` is the last sign of life, in ms. */
  readonly reportSpans: (journal: ReadJournal, run: DeadRun | undefined, seenAt: number) => void;
}

/**
 * Reports the runs and journals of processes that have ended, each once even if several processes look at the same
 * time: renaming a file decides which one reports it. Never throws.
 */
export class PastRuns {
  readonly #runs: SegmentFolder;
  readonly #journals: SegmentFolder | undefined;

  constructor(runs: string, journals: string | undefined, self: SegmentOwner) {
    this.#runs = new SegmentFolder(runs, self, "run");
    if (journals !== undefined) this.#journals = new SegmentFolder(journals, self, "spans");
  }

  /** A worker thread of this process has ended, whether or not it could end its spans. */
  endThread(thread: number): void {
    this.#journals?.endedThreads.add(thread);
  }

  /** @param pause Lets other work run after each file; resolves to false when this must stop. */
  async adopt({ reportRun, reportSpans }: Reporters, pause: () => Promise<boolean>): Promise<void> {
    const runs = findDeadRuns(this.#runs);
    const ended = [...(this.#journals?.endedThreads ?? [])];
    const journals: FoundJournal[] = [];
    for (const found of this.#journals === undefined ? [] : findJournals(this.#journals)) {
      journals.push(found);
      if (!(await pause())) return;
    }
    const reported = new Set(runs.filter(({ record }) => record.reported !== undefined));
    for (const run of runs.filter((each) => !reported.has(each)).slice(0, MAX_REPORTED)) {
      if (!(await pause())) return;
      const segment = this.#runs.claim(run.file, false);
      if (segment === undefined) continue;
      attempt(() => {
        segment.close();
        const open = openSpansOf(run.id, journals);
        const seenAt = lastSeen(run, journals);
        reportRun({ ...run, record: { ...run.record, seenAt } }, open);
        const content = { reported: { ...run.verdict, openSpans: namesOf(open) } };
        appendLines(segment.path, seenAt, content);
        reported.add(run);
      });
    }
    for (const { file, journal } of journals) {
      const run = runs.find(({ id }) => id === journal?.run);
      const age = wallMs() - file.modifiedAt;
      const isWorker = isSameProcess(file.owner, this.#runs.self);
      const isDue = isWorker || age > (journal === undefined ? MAX_AGE_MS : UNKNOWN_AFTER_MS);
      // The spans of a run are reported only after the run itself.
      if (run === undefined ? !isDue : !reported.has(run)) continue;
      if (!(await pause())) return;
      const segment = this.#journals?.claim(file, false);
      attempt(() => {
        if (segment === undefined) return;
        const seenAt = Math.max(file.modifiedAt, run?.record.seenAt ?? 0);
        if (journal !== undefined) reportSpans(journal, run, seenAt);
        segment.remove();
      });
    }
    for (const thread of ended) this.#journals?.endedThreads.delete(thread);
    this.#cleanUp();
  }

  #cleanUp(): void {
    const runs = findDeadRuns(this.#runs);
    const kept = new Map<string, number>();
    for (const { record, file } of runs.filter(({ record }) => record.reported).reverse()) {
      const { tier } = record.start;
      const count = (kept.get(tier) ?? 0) + 1;
      kept.set(tier, count);
      // The process that reports its spans needs the file, and so does the next one if that process is killed.
      const isNeeded = count <= MAX_KEPT || wallMs() - file.modifiedAt < UNKNOWN_AFTER_MS;
      if (!isNeeded) attempt(() => fs.rmSync(join(this.#runs.path, file.name)));
    }
    removeOld(this.#runs, new Set(runs.map(({ file }) => file.name)));
    // Left by a process that died while rewriting its journal.
    if (this.#journals !== undefined)
      removeOld(new SegmentFolder(this.#journals.path, this.#runs.self, "spans.new"));
  }
}

function removeOld(folder: SegmentFolder, kept: ReadonlySet<string> = new Set()): void {
  for (const file of folder.files()) {
    if (file === undefined || kept.has(file.name) || folder.isInUse(file)) continue;
    if (wallMs() - file.modifiedAt > MAX_AGE_MS)
      attempt(() => fs.rmSync(join(folder.path, file.name)));
  }
}
