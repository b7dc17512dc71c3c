import type { SegmentFolder } from "../delivery/disk/SegmentFolder.js";
import type { LastRun } from "../shared/LastRun.js";
import type { DeadRun } from "./deadRuns.js";
import { findDeadRuns, findJournals, lastSeen, namesOf, openSpansOf } from "./deadRuns.js";

/** What is to be known of this run, to find the one before. */
export interface ThisRun {
  readonly tier: string;
  /** By the wall clock, in ms. */
  readonly at: number;
  /** Whether a version that was written down is this run's. */
  readonly isVersion: (written: string) => boolean;
}

/** How the last run of a tier ended that began before this one; undefined when there was none. */
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
  // Whoever reported it has deleted its journals.
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
