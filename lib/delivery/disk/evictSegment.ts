import type { Segment } from "./Segment.js";
import type { SegmentStore } from "./SegmentStore.js";
import type { SpoolEntry, SpoolIndex } from "./SpoolIndex.js";

const NEWLINE = Buffer.from("\n");
/** Up to this part of the bound, room is made by closing up gaps rather than by dropping. */
const COMPACT_BELOW = 0.85;

/**
 * Frees one segment of a spool that is at its bound: closes up the one with the most gaps, or drops from the
 * oldest one what is worth least and moves the rest. False when there is nothing left to free.
 */
export function evictSegment(
  store: SegmentStore,
  index: SpoolIndex,
  maxBytes: number,
  drop: (entries: readonly SpoolEntry[]) => void,
): boolean {
  const segments = [...store.segments];
  let live = 0;
  for (const segment of segments) live += segment.liveBytes;
  const sparse = live <= maxBytes * COMPACT_BELOW ? sparsest(segments) : undefined;
  if (sparse !== undefined) {
    move(store, index, sparse, drop);
    return true;
  }
  for (const isVictim of VICTIMS) {
    for (const segment of segments) {
      const victims = entriesOf(segment, index).filter(isVictim);
      if (victims.length === 0) continue;
      drop(victims);
      if (store.segments.has(segment)) move(store, index, segment, drop);
      return true;
    }
  }
  return false;
}

/** Ordinary records go first, then urgent ones; last, what is in its owner's memory too. */
const VICTIMS: readonly ((entry: SpoolEntry) => boolean)[] = [
  (entry) => !entry.urgent && !entry.held,
  (entry) => !entry.held,
  () => true,
];

function sparsest(segments: readonly Segment[]): Segment | undefined {
  let best: Segment | undefined;
  let bestGap = 0;
  for (const segment of segments) {
    const gap = segment.size - segment.liveBytes;
    if (gap > bestGap && gap * 8 >= segment.size) [best, bestGap] = [segment, gap];
  }
  return best;
}

/** Moves what is live into the segment being written, and deletes the old one. */
function move(
  store: SegmentStore,
  index: SpoolIndex,
  from: Segment,
  drop: (entries: readonly SpoolEntry[]) => void,
): void {
  store.leave(from);
  for (const entry of entriesOf(from, index)) {
    if (!("segment" in entry.content)) continue;
    const place = copy(store, entry, entry.content.offset, from);
    if (place === undefined) {
      drop([entry]);
      continue;
    }
    from.live.delete(entry.id);
    from.liveBytes -= entry.bytes;
    entry.content = place;
    entry.bytes = place.length;
  }
  store.remove(from);
}

function copy(
  store: SegmentStore,
  entry: SpoolEntry,
  offset: number,
  from: Segment,
): ReturnType<SegmentStore["append"]> {
  try {
    const line = from.read(offset, entry.bytes);
    // The last line of an adopted segment may have lost just its newline.
    return line[line.length - 1] === 0x0a
      ? store.append(entry.id, [line], line.length)
      : store.append(entry.id, [line, NEWLINE], line.length + 1);
  } catch {
    return undefined;
  }
}

function entriesOf(segment: Segment, index: SpoolIndex): SpoolEntry[] {
  const entries: SpoolEntry[] = [];
  for (const id of segment.live) {
    const entry = index.get(id);
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}
