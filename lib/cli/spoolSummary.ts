import * as fs from "node:fs";
import { join } from "node:path";
import { MAX_SEGMENT_READ } from "../delivery/disk/Segment.js";
import { scanSegment } from "../delivery/disk/segmentCodec.js";
import { currentOwner, isOwnerAlive, parseSegmentName } from "../delivery/disk/segmentOwner.js";
import { pipeDirectory } from "../delivery/disk/spoolPaths.js";
import type { Pipe } from "../shared/Stats.js";

/** Both pipes. */
export const PIPES: readonly Pipe[] = ["otlp", "posthog"];

/** What waits for one endpoint. */
export interface SpoolFolder {
  readonly pipe: Pipe;
  readonly directory: string;
  readonly segments: number;
  /** Segments that a living process still writes. */
  readonly inUse: number;
  readonly bytes: number;
  readonly records: number;
  /** Spans or events in the records. */
  readonly items: number;
  /** Lines that are torn or damaged. */
  readonly damaged: number;
  /** When the oldest and the newest record were written, in ms since 1970; undefined without any. */
  readonly oldest: number | undefined;
  readonly newest: number | undefined;
}

/** Looks through the spools of these pipes under a root and changes nothing. What cannot be read is left out. */
export function spoolSummary(root: string, pipes: readonly Pipe[]): readonly SpoolFolder[] {
  return pipes.flatMap((pipe) =>
    list(pipeDirectory(root, pipe))
      .map((name) => summarize(pipe, join(pipeDirectory(root, pipe), name)))
      .filter(({ segments }) => segments > 0),
  );
}

function summarize(pipe: Pipe, directory: string): SpoolFolder {
  const self = currentOwner();
  const times: number[] = [];
  const sum = { segments: 0, inUse: 0, bytes: 0, records: 0, items: 0, damaged: 0 };
  for (const name of list(directory)) {
    const owner = parseSegmentName(name);
    if (owner === undefined) continue;
    try {
      const { mtimeMs, size } = fs.lstatSync(join(directory, name));
      if (size > MAX_SEGMENT_READ) continue;
      const { records, skipped } = scanSegment(fs.readFileSync(join(directory, name)));
      sum.segments += 1;
      sum.inUse += isOwnerAlive(owner, self, mtimeMs) ? 1 : 0;
      sum.bytes += size;
      sum.records += records.length;
      sum.damaged += skipped;
      for (const { record, time } of records) {
        sum.items += record.count;
        times.push(time);
      }
    } catch {
      // Gone meanwhile, or not ours to read.
    }
  }
  times.sort((left, right) => left - right);
  return { pipe, directory, ...sum, oldest: times[0], newest: times.at(-1) };
}

function list(directory: string): readonly string[] {
  try {
    return fs.readdirSync(directory).sort();
  } catch {
    return [];
  }
}
