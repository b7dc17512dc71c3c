import { join } from "node:path";
import { SegmentFolder } from "../delivery/disk/SegmentFolder.js";
import type { SegmentOwner } from "../delivery/disk/segmentOwner.js";
import { attempt } from "../shared/attempt.js";
import { fs } from "../shared/fs.js";
import { wallMs } from "../shared/timers.js";
import type { DeadRun, FoundJournal } from "./deadRuns.js";
import { findDeadRuns, findJournals, namesOf, openSpansOf } from "./deadRuns.js";
import type { ReadJournal } from "./readJournal.js";
import { appendLines } from "./runFolder.js";
import type { SpanLine } from "./spanLine.js";

/** Runs that were told of and are kept, of each tier: what consecutive failed launches are counted by. */
const MAX_KEPT = 5;
/** What is told at once; the rest waits for the next process that starts. */
const MAX_TOLD = 32;
/** A journal whose run file is gone is told of without it after this, in ms. Until then a run file stays. */
const UNKNOWN_AFTER_MS = 60_000;
/** What cannot be read may be another version's, and is deleted after this, in ms. */
const MAX_AGE_MS = 7 * 24 * 60 * 60_000;

/** What is done with what dead processes have left; on disk when either returns. */
export interface Tellers {
  /** A run that nobody has told of, and its open spans, oldest first. */
  readonly tellRun: (run: DeadRun, open: readonly SpanLine[]) => void;
  /** A journal, of a run if its file is there; `seenAt` is the last sign of life, in ms. */
  readonly tellSpans: (journal: ReadJournal, run: DeadRun | undefined, seenAt: number) => void;
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

  /** @param pause Lets others run, after each file; false when it is over. */
  async adopt({ tellRun, tellSpans }: Tellers, pause: () => Promise<boolean>): Promise<void> {
    const runs = findDeadRuns(this.#runs);
    const journals: FoundJournal[] = [];
    for (const found of this.#journals === undefined ? [] : findJournals(this.#journals)) {
      journals.push(found);
      if (!(await pause())) return;
    }
    const told = new Set(runs.filter(({ record }) => record.told !== undefined));
    for (const run of runs.filter((each) => !told.has(each)).slice(0, MAX_TOLD)) {
      if (!(await pause())) return;
      const segment = this.#runs.claim(run.file, false);
      if (segment === undefined) continue;
      attempt(() => {
        segment.close();
        const open = openSpansOf(run.id, journals);
        tellRun(run, open);
        const content = { told: { ...run.verdict, openSpans: namesOf(open) } };
        appendLines(segment.path, run.file.modifiedAt, content);
        told.add(run);
      });
    }
    for (const { file, journal } of journals) {
      const run = runs.find(({ id }) => id === journal?.run);
      const age = wallMs() - file.modifiedAt;
      const isDue = journal === undefined ? age > MAX_AGE_MS : age > UNKNOWN_AFTER_MS;
      // The spans of a run are told by whoever tells of the run.
      if (run === undefined ? !isDue : !told.has(run)) continue;
      if (!(await pause())) return;
      const segment = this.#journals?.claim(file, false);
      attempt(() => {
        if (segment === undefined) return;
        const seenAt = Math.max(file.modifiedAt, run?.record.seenAt ?? 0);
        if (journal !== undefined) tellSpans(journal, run, seenAt);
        segment.remove();
      });
    }
    this.#cleanUp();
  }

  #cleanUp(): void {
    const runs = findDeadRuns(this.#runs);
    const kept = new Map<string, number>();
    for (const { record, file } of runs.filter(({ record }) => record.told).reverse()) {
      const { tier } = record.start;
      const count = (kept.get(tier) ?? 0) + 1;
      kept.set(tier, count);
      // Whoever tells of its spans, or does so after one that was killed, has to find it.
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
