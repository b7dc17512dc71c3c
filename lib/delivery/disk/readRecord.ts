import type { Parcel } from "../Parcel.js";
import { parseLine } from "./segmentLine.js";
import type { ReadBuffer } from "./ReadBuffer.js";
import type { Place } from "./SegmentStore.js";

/** Reads a record back from disk, into the given memory; undefined when it is not what was written. */
export function readRecord(
  expected: { readonly id: string },
  { segment, offset, length }: Place,
  memory: ReadBuffer,
): Parcel | undefined {
  try {
    const bytes = segment.read(offset, length, memory.take(length));
    const end = bytes[bytes.length - 1] === 0x0a ? bytes.length - 1 : bytes.length;
    const line = parseLine(bytes.subarray(0, end));
    if (line?.kind !== "record" || line.head.id !== expected.id) return undefined;
    const { id, count, urgent, contentType } = line.head;
    return {
      id,
      count,
      urgent,
      body: line.body,
      ...(contentType === undefined ? {} : { contentType }),
    };
  } catch {
    return undefined;
  }
}
