import { uptime } from "node:os";
import type { SegmentOwner } from "./segmentOwner.js";
import { processState } from "./segmentOwner.js";

/** An owner that cannot be looked up is taken as dead when its segment was not touched for so long, in ms. */
export const FOREIGN_IDLE_MS = 60 * 60_000;

/**
 * Whether the owner of a segment may still write to it. In doubt it may: a segment is adopted late rather than
 * taken from a living process. A process is the same when pid and start time are; a zombie is dead.
 */
export function isOwnerAlive(
  owner: SegmentOwner,
  self: SegmentOwner,
  modifiedAt: number,
  now: number = Date.now(),
): boolean {
  if (owner.pid === 0) return false;
  if (owner.boot !== self.boot) {
    // Either this machine before its last start, or another machine that shares the directory.
    const bootedAt = now - uptime() * 1_000;
    return modifiedAt >= bootedAt && now - modifiedAt < FOREIGN_IDLE_MS;
  }
  if (owner.namespace !== self.namespace) return now - modifiedAt < FOREIGN_IDLE_MS;
  if (owner.pid === self.pid) return owner.started === self.started;
  const state = processState(owner.pid);
  if (state !== undefined)
    return !state.dead && (owner.started === "" || state.started === owner.started);
  return answersSignals(owner.pid);
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
