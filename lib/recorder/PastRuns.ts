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

/** Reported runs of each tier that are kept, by which failed launches in a row are counted. */
const MAX_KEPT = 5;
/** Runs that are reported at once; the others wait for the next process that starts. */
const MAX_REPORTED = 32;
/** A journal without a run file is reported after this, in ms. For as long a run file stays, whatever else. */
const UNKNOWN_AFTER_MS = 60_000;
/** What cannot be read may be another version's, and is deleted after this, in ms. */
const MAX_AGE_MS = 7 * 24 * 60 * 60_000;

/** What is done with what dead processes have left; on disk when either returns. */
export interface Reporters {
  /** A run that nobody has reported, and its open spans, oldest first. */
  readonly reportRun: (run: DeadRun, open: readonly SpanLine[]) => void;
  /** A journal, of a run if its file is there; `seenAt` is the last sign of life, in ms. */
  readonly reportSpans: (journal: ReadJournal, run: DeadRun | undefined, seenAt: number) => void;
}

/**
 * Tells of the runs and journals of processes that are over, each once, whoever else looks at the same time: renaming a
 * file decides who does. Never throws.
 */
export class PastRuns {
  readonly #runs: SegmentFolder;
  readonly #journals: SegmentFolder | undefined;

  constructor(runs: string, journals: string | undefined, self: SegmentOwner) {
    this.#runs = new SegmentFolder(runs, self, "run");
    if (journals !== undefined) this.#journals = new SegmentFolder(journals, self, "spans");
  }

  /** A worker thread of this process is over, whether it could end its spans or not. */
  endThread(thread: number): void {
    this.#journals?.endedThreads.add(thread);
  }

  /** @param pause Lets others run, after each file; false when it is over. */
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
      // Whoever reports a run reports its spans.
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
      // Whoever reports its spans needs it, and so does the next one if that process is killed.
      const isNeeded = count <= MAX_KEPT || wallMs() - file.modifiedAt < UNKNOWN_AFTER_MS;
      if (!isNeeded) attempt(() => fs.rmSync(join(this.#runs.path, file.name)));
    }
    removeOld(this.#runs, new Set(runs.map(({ file }) => file.name)));
    // Left by a process that died while it wrote its journal anew.
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
