import * as fs from "node:fs";
import { join } from "node:path";
import { isOwnerAlive } from "../delivery/disk/isOwnerAlive.js";
import { scanSegment } from "../delivery/disk/scanSegment.js";
import type { SegmentOwner } from "../delivery/disk/segmentOwner.js";
import { currentOwner, parseSegmentName } from "../delivery/disk/segmentOwner.js";
import { pipeDirectory } from "../delivery/disk/spoolDirectory.js";
import { MAX_SEGMENT_READ } from "../delivery/disk/Segment.js";
import type { Pipe } from "../shared/Stats.js";

/** What waits for one far end. */
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

const PIPES = ["otlp", "posthog"] as const;

/** Looks through all spools under a root and changes nothing. What cannot be read is left out. */
export function spoolSummary(root: string, only?: Pipe): readonly SpoolFolder[] {
  const self = currentOwner();
  return PIPES.filter((pipe) => only === undefined || pipe === only).flatMap((pipe) =>
    list(pipeDirectory(root, pipe)).flatMap((name) => {
      const directory = join(pipeDirectory(root, pipe), name);
      const files = list(directory).flatMap((file) => read(join(directory, file), file) ?? []);
      if (files.length === 0) return [];
      const found = files.map(({ content }) => scanSegment(content));
      const times = found.flatMap(({ records }) => records.map(({ head }) => head.time));
      const sum = (numbers: readonly number[]): number =>
        numbers.reduce((total, number) => total + number, 0);
      return {
        pipe,
        directory,
        segments: files.length,
        inUse: files.filter(({ owner, modifiedAt }) => isOwnerAlive(owner, self, modifiedAt))
          .length,
        bytes: sum(files.map(({ bytes }) => bytes)),
        records: sum(found.map(({ records }) => records.length)),
        items: sum(found.flatMap(({ records }) => records.map(({ head }) => head.count))),
        damaged: sum(found.map(({ skipped }) => skipped)),
        oldest:
          times.length === 0 ? undefined : times.reduce((least, time) => Math.min(least, time)),
        newest: times.length === 0 ? undefined : times.reduce((most, time) => Math.max(most, time)),
      };
    }),
  );
}

interface SegmentFile {
  readonly owner: SegmentOwner;
  readonly modifiedAt: number;
  readonly bytes: number;
  readonly content: Buffer;
}

function read(path: string, name: string): SegmentFile | undefined {
  const owner = parseSegmentName(name);
  if (owner === undefined) return undefined;
  try {
    const { mtimeMs, size } = fs.lstatSync(path);
    if (size > MAX_SEGMENT_READ) return undefined;
    return { owner, modifiedAt: mtimeMs, bytes: size, content: fs.readFileSync(path) };
  } catch {
    return undefined;
  }
}

function list(directory: string): readonly string[] {
  try {
    return fs.readdirSync(directory).sort();
  } catch {
    return [];
  }
}
