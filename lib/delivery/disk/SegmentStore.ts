import { join } from "node:path";
import { adoptSegments } from "./adoptSegments.js";
import { makeDirectory } from "./makeDirectory.js";
import { say } from "../say.js";
import { Segment } from "./Segment.js";
import { currentOwner, segmentName } from "./segmentOwner.js";

/** A disk that failed is tried again after this, in ms: what failed once may have been a moment of it. */
const FIRST_DISK_RETRY_MS = 1_000;
/** Each further failure doubles it up to this, in ms. */
const MAX_DISK_RETRY_MS = 60_000;
/** A segment is closed at this size, in bytes: reading one whole takes about a millisecond. */
export const MAX_SEGMENT_BYTES = 1024 * 1024;

/** Where a record is. */
export interface Place {
  readonly segment: Segment;
  readonly offset: number;
  readonly length: number;
}

/** The files of one spool: the one being written, and those that are full or were adopted. Never throws. */
export class SegmentStore {
  /** Oldest first; the last one is being written when it is {@link current}. */
  readonly segments = new Set<Segment>();
  private current: Segment | undefined;
  private failedAt = -Infinity;
  private retryMs = FIRST_DISK_RETRY_MS;
  private complained = false;

  constructor(
    private readonly place: string | (() => string),
    private readonly segmentBytes: number,
  ) {}

  private get directory(): string {
    return typeof this.place === "string" ? this.place : this.place();
  }

  /** Bytes on disk. */
  get bytes(): number {
    let bytes = 0;
    for (const { size } of this.segments) bytes += size;
    return bytes;
  }

  /** Appends a record; undefined when the disk does not take it, which is said once. */
  append(id: string, line: string | readonly Uint8Array[], length: number): Place | undefined {
    return this.appendGroup([id], line, [length])?.[0];
  }

  /** The same for records whose lines are put together. */
  appendGroup(
    ids: readonly string[],
    lines: string | readonly Uint8Array[],
    lengths: readonly number[],
  ): Place[] | undefined {
    if (performance.now() - this.failedAt < this.retryMs) return undefined;
    try {
      const segment = this.writable();
      const total = lengths.reduce((sum, length) => sum + length, 0);
      let offset = segment.append(lines, total);
      this.failedAt = -Infinity;
      segment.liveBytes += total;
      return ids.map((id, i) => {
        const length = lengths[i] ?? 0;
        segment.live.add(id);
        offset += length;
        return { segment, offset: offset - length, length };
      });
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  /** The records are settled: frees what can be freed and writes down the rest by `formatted`. */
  settle(segment: Segment, formatted: () => string): void {
    try {
      if (segment.live.size > 0) appendText(segment, formatted());
      else if (segment === this.current) segment.truncate();
      else this.remove(segment);
    } catch {
      // Unacknowledged, it is sent again by whoever adopts it: at least once.
    }
  }

  /** Deletes a segment, whatever is in it. */
  remove(segment: Segment): void {
    this.segments.delete(segment);
    if (segment === this.current) this.current = undefined;
    try {
      segment.remove();
    } catch {
      // Read-only by now; its records are found again at the next start.
    }
  }

  /** The segments of dead owners, newest first; each is ours, but not in the store, when it is given. */
  orphans(): Generator<Segment> {
    return adoptSegments(this.directory, currentOwner());
  }

  /** Puts an adopted segment before all others. */
  addOlder(segment: Segment): void {
    const others = [...this.segments];
    this.segments.clear();
    for (const each of [segment, ...others]) this.segments.add(each);
  }

  /** Writes from now on into another segment than this one. */
  leave(segment: Segment): void {
    if (segment === this.current) this.rotate();
  }

  /** Keeps the segments from being taken for those of a dead process by one that cannot see this one. */
  touch(): void {
    const now = new Date();
    for (const segment of this.segments) this.attempt(() => segment.touch(now));
  }

  /** Lets go of all files, for any process to adopt; empty ones are deleted. */
  close(): void {
    for (const segment of this.segments) {
      if (segment.live.size === 0) this.attempt(() => segment.remove());
      else this.attempt(() => segment.rename(join(this.directory, segmentName())));
    }
    this.segments.clear();
    this.current = undefined;
  }

  private writable(): Segment {
    if (this.current !== undefined && this.current.size < this.segmentBytes) return this.current;
    this.rotate();
    makeDirectory(this.directory);
    this.current = Segment.create(join(this.directory, segmentName(currentOwner())));
    this.segments.add(this.current);
    return this.current;
  }

  private rotate(): void {
    this.attempt(() => this.current?.close());
    this.current = undefined;
  }

  private fail(error: unknown): void {
    this.retryMs =
      this.failedAt === -Infinity
        ? FIRST_DISK_RETRY_MS
        : Math.min(2 * this.retryMs, MAX_DISK_RETRY_MS);
    this.failedAt = performance.now();
    // What could be made but not written to would be there once more after every try.
    const { current } = this;
    if (current?.live.size === 0) this.remove(current);
    this.rotate();
    if (this.complained) return;
    this.complained = true;
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    say(
      "warn",
      `cannot write to ${this.directory} (${code}); what cannot be sent is kept in memory only.`,
    );
  }

  private attempt(action: () => void): void {
    try {
      action();
    } catch {
      // Best effort: the next start finds what is left.
    }
  }
}

function appendText(segment: Segment, text: string): void {
  segment.append(text, Buffer.byteLength(text));
}
