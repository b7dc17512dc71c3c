import { scanSegment } from "./scanSegment.js";
import type { Segment } from "./Segment.js";
import type { SpoolEntry } from "./SpoolIndex.js";

/**
 * Reads what is left to do in an adopted segment, leaving out what `isKnown`, and marks it live there.
 * Throws what the file system throws.
 */
export function readOrphan(
  segment: Segment,
  isKnown: (id: string) => boolean,
): { readonly entries: SpoolEntry[]; readonly skipped: number } {
  const { records, skipped } = scanSegment(segment.readAll());
  const entries: SpoolEntry[] = [];
  // Read once: records of one segment keep their order, also while the clocks tick.
  const [now, since] = [Date.now(), performance.now()];
  for (const { head, offset, length } of records) {
    if (isKnown(head.id)) continue;
    // A time ahead of the clock comes from before the clock was set back: the record is as good as new.
    const age = Math.max(0, now - head.time);
    const bytes = length + 1;
    const { id, count, urgent } = head;
    entries.push({
      id,
      count,
      urgent,
      held: false,
      bytes,
      bornAt: since - age,
      content: { segment, offset, length: bytes },
    });
    segment.live.add(id);
    segment.liveBytes += bytes;
  }
  return { entries, skipped };
}
