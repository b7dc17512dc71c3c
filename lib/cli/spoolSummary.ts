import * as fs from "node:fs";
import { join } from "node:path";
import { readSegmentNow } from "../delivery/disk/readSegment.js";
import { MAX_SEGMENT_READ, Segment } from "../delivery/disk/Segment.js";
import { SegmentFolder } from "../delivery/disk/SegmentFolder.js";
import { currentOwner } from "../delivery/disk/segmentOwner.js";
import { pipeDirectory } from "../delivery/disk/spoolPaths.js";
import { attempt } from "../shared/attempt.js";
import type { Pipe } from "../shared/Stats.js";

export const PIPES: readonly Pipe[] = ["otlp", "posthog"];

/** What is spooled for one endpoint. */
export interface SpoolFolder {
  readonly pipe: Pipe;
  readonly directory: string;
  readonly segments: number;
  /** Segments that a live process still writes. */
  readonly inUse: number;
  readonly bytes: number;
  readonly records: number;
  /** Number of spans or events in the records. */
  readonly items: number;
  /** Number of torn or damaged lines. */
  readonly damaged: number;
  /** When the oldest and the newest record were written, in ms since 1970; undefined without records. */
  readonly oldest: number | undefined;
  readonly newest: number | undefined;
}

/** A number of spans or events with its unit, such as `1 span`. */
export function inWords(pipe: Pipe, items: number): string {
  return `${items} ${pipe === "otlp" ? "span" : "event"}${items === 1 ? "" : "s"}`;
}

/** Summarises the spools of these pipes under `root` without changing them. What cannot be read is left out. */
export function spoolSummary(root: string, pipes: readonly Pipe[]): readonly SpoolFolder[] {
  return pipes.flatMap((pipe) =>
    list(pipeDirectory(root, pipe))
      .map((name) => summarize(pipe, join(pipeDirectory(root, pipe), name)))
      .filter(({ segments }) => segments > 0),
  );
}

function summarize(pipe: Pipe, directory: string): SpoolFolder {
  const times: number[] = [];
  const sum = { segments: 0, inUse: 0, bytes: 0, records: 0, items: 0, damaged: 0 };
  const folder = new SegmentFolder(directory, currentOwner());
  for (const file of folder.files()) {
    if (file === undefined) continue;
    attempt(() => {
      const { records, skipped } = readWhole(join(directory, file.name));
      sum.segments += 1;
      sum.inUse += folder.isInUse(file) ? 1 : 0;
      sum.bytes += file.size;
      sum.records += records.size;
      sum.damaged += skipped;
      for (const { count, time } of records.values()) {
        sum.items += count;
        times.push(time);
      }
    });
  }
  times.sort((left, right) => left - right);
  return { pipe, directory, ...sum, oldest: times[0], newest: times.at(-1) };
}

function readWhole(path: string): ReturnType<typeof readSegmentNow> {
  const segment = Segment.open(path);
  try {
    return readSegmentNow(segment, MAX_SEGMENT_READ);
  } finally {
    segment.close();
  }
}

function list(directory: string): readonly string[] {
  return (attempt(() => fs.readdirSync(directory)) ?? []).sort();
}
