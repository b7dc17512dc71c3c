import type { RecordHead } from "./segmentLine.js";
import { parseLine } from "./segmentLine.js";

/** A record of a segment that nobody has acknowledged. */
export interface FoundRecord {
  readonly head: RecordHead;
  readonly offset: number;
  /** Of the whole line without its newline. */
  readonly length: number;
}

/** What is in a segment. */
export interface SegmentScan {
  /** In the order of writing; the last of those with one id. */
  readonly records: readonly FoundRecord[];
  /** Lines that are torn, damaged or not ours. */
  readonly skipped: number;
}

/** Reads what is left to do in a segment. Any bytes will do; what cannot be read is skipped and counted. */
export function scanSegment(content: Buffer): SegmentScan {
  const records = new Map<string, FoundRecord>();
  let skipped = 0;
  for (let offset = 0; offset < content.length;) {
    const newline = content.indexOf(0x0a, offset);
    const end = newline < 0 ? content.length : newline;
    const line = end > offset ? parseLine(content.subarray(offset, end)) : undefined;
    if (line?.kind === "record")
      records.set(line.head.id, { head: line.head, offset, length: end - offset });
    else if (line?.kind === "ack") for (const id of line.ids) records.delete(id);
    else if (end > offset) skipped++;
    offset = end + 1;
  }
  return { records: [...records.values()], skipped };
}
