import type { SegmentFolder } from "../delivery/disk/SegmentFolder.js";
import type { LastRun } from "../shared/LastRun.js";
import type { DeadRun } from "./deadRuns.js";
import { findDeadRuns, findJournals, lastSeen, namesOf, openSpansOf } from "./deadRuns.js";

/** What must be known about this run to find the previous one. */
export interface ThisRun {
  readonly tier: string;
  /** When it started, in ms of the wall clock. */
  readonly at: number;
  /** Whether a version read from a run file is this run's. */
  readonly isVersion: (written: string) => boolean;
}

/** How the tier's last run before this one ended; undefined when there was none. */
export function readLastRun(
  runs: SegmentFolder,
  journals: SegmentFolder | undefined,
  { tier, at, isVersion }: ThisRun,
): LastRun | undefined {
  const latestFirst = findDeadRuns(runs)
    .filter(({ record: { start } }) => start.tier === tier && start.at <= at)
    .reverse();
  const [last] = latestFirst;
  if (last === undefined) return undefined;
  const { start, words, reported } = last.record;
  // Whoever reported the run has deleted its journals.
  const found = reported === undefined && journals ? [...findJournals(journals)] : [];
  const { endedBy, crashed, witness, code, signal } = last.verdict;
  const launched = latestFirst.findIndex((run) => !hasFailedToLaunch(run));
  return Object.freeze({
    endedBy,
    crashed,
    crashedDuringLaunch: hasFailedToLaunch(last),
    consecutiveLaunchCrashes: launched < 0 ? latestFirst.length : launched,
    startedAt: new Date(start.at),
    lastSeenAt: new Date(lastSeen(last, found)),
    ...(code === undefined ? {} : { code }),
    ...(signal === undefined ? {} : { signal }),
    ...(words?.error === undefined ? {} : { error: words.error }),
    witness,
    versionChanged: !isVersion(start.version),
    sessionId: start.session,
    openSpans: reported?.openSpans ?? namesOf(openSpansOf(last.id, found)),
  });
}

function hasFailedToLaunch({ record, verdict }: DeadRun): boolean {
  return verdict.crashed && !record.launched;
}
