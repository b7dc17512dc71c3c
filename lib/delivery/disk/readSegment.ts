import type { Segment } from "./Segment.js";
import type { RecordHead } from "./segmentCodec.js";
import { isPlausible, MAX_LINE_BYTES, parseLine } from "./segmentCodec.js";

/** Bytes read at a time: a few ms of work, however short the lines are. */
const SLICE_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** A record in a segment that has not been acknowledged. */
export interface FoundRecord extends Pick<RecordHead, "id" | "count" | "urgent" | "time"> {
  /** Offset of its line, and the line's length without the newline, in bytes. */
  readonly offset: number;
  readonly length: number;
}

/** What remains to be sent from a segment. */
export interface SegmentContent {
  /** The records, in the order in which they were written. */
  readonly records: ReadonlyMap<string, FoundRecord>;
  /** Number of lines that are torn, damaged or not ours. */
  readonly skipped: number;
}

/**
 * Reads a segment up to a limit, and yields after each slice so that the caller can let other work run. The file may
 * contain any bytes: lines that are not ours are skipped and counted. Throws what the file system throws.
 */
export function* readSegment(
  segment: Pick<Segment, "size" | "read">,
  limit: number,
): Generator<undefined, SegmentContent> {
  const size = Math.min(segment.size, limit);
  const records = new Map<string, FoundRecord>();
  let skipped = segment.size > limit ? 1 : 0;
  const take = (line: Buffer, offset: number): void => {
    const found = parseLine(line);
    if (found === undefined) skipped++;
    else if ("acks" in found) for (const id of found.acks) records.delete(id);
    else {
      const { id, count, urgent, time } = found;
      records.set(id, { id, count, urgent, time, offset, length: line.length });
    }
  };
  let length = SLICE_BYTES;
  /** One buffer for all slices, because a new one for each would leave tens of MB of garbage for a long file. */
  const buffer = Buffer.allocUnsafe(SLICE_BYTES);
  /** Whether the next bytes are the rest of a line that was given up. */
  let isRest = false;
  for (let offset = 0; offset < size; yield) {
    const isLong = length > SLICE_BYTES;
    const wanted = Math.min(length, size - offset);
    const slice = segment.read(offset, wanted, isLong ? undefined : buffer);
    // The file has become shorter.
    if (slice.length === 0) break;
    const isLast = offset + slice.length >= size;
    let end = isLong ? slice.indexOf(NEWLINE) + 1 : slice.lastIndexOf(NEWLINE) + 1;
    if (end === 0 && !isLast && !isRest && length < MAX_LINE_BYTES && isPlausible(slice)) {
      length = Math.min(length * 4, MAX_LINE_BYTES + 1);
      continue;
    }
    if (isLast && (end === 0 || !isLong)) end = slice.length;
    for (let start = 0, stop = 0; start < end; start = stop + 1) {
      const newline = slice.indexOf(NEWLINE, start);
      stop = newline < 0 ? end : newline;
      if (!isRest && stop > start) take(slice.subarray(start, stop), offset + start);
      isRest = false;
    }
    if (end === 0 && !isRest) skipped++;
    isRest = end === 0;
    offset += end === 0 ? slice.length : end;
    length = SLICE_BYTES;
  }
  return { records, skipped };
}

/** Reads a segment up to a limit without yielding. */
export function readSegmentNow(
  segment: Pick<Segment, "size" | "read">,
  limit: number,
): SegmentContent {
  const reading = readSegment(segment, limit);
  for (;;) {
    const { done, value } = reading.next();
    if (done === true) return value;
  }
}
