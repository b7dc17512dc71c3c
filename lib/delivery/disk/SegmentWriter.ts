import { attempt } from "../../shared/attempt.js";
import { report } from "../../shared/report.js";
import { monotonicMs } from "../../shared/timers.js";
import type { Segment } from "./Segment.js";
import type { SegmentFolder } from "./SegmentFolder.js";

/** A disk that failed is tried again after this, in ms; each further failure doubles the wait. */
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;

/**
 * Writes the two segments that are open: one for ordinary records, one for urgent ones. After the disk has failed,
 * nothing is written until a retry is due.
 */
export class SegmentWriter {
  /** By whether their records are urgent. */
  private readonly open = new Map<boolean, Segment>();
  private failedAt = -Infinity;
  private waitMs = FIRST_RETRY_MS;
  private reported = false;

  /** @param maxBytes A segment of this size gets no more records. */
  constructor(
    private readonly folder: () => SegmentFolder,
    private readonly maxBytes: number,
  ) {}

  get isDue(): boolean {
    return monotonicMs() - this.failedAt >= this.waitMs;
  }

  /** Whether the next records of this kind begin a new file. */
  needsFile(urgent: boolean): boolean {
    const segment = this.open.get(urgent);
    return segment === undefined || segment.size >= this.maxBytes;
  }

  /** Writes the lines of records with one system call; returns where they are, or undefined if the disk failed. */
  append(
    lines: readonly Buffer[],
    urgent: boolean,
  ): { readonly segment: Segment; readonly offset: number } | undefined {
    try {
      const segment = this.segmentFor(urgent);
      const [first] = lines;
      const offset = segment.append(lines.length === 1 && first ? first : Buffer.concat(lines));
      this.retryNow();
      return { segment, offset };
    } catch (error) {
      this.pause(error as NodeJS.ErrnoException, urgent);
      return undefined;
    }
  }

  /** Ends the wait: the disk works, or gets another chance. */
  retryNow(): void {
    this.failedAt = -Infinity;
  }

  /** The segment is deleted or no longer this process's: nothing more is written to it. */
  forget(segment: Segment): void {
    if (this.open.get(segment.urgent) === segment) this.open.delete(segment.urgent);
  }

  private segmentFor(urgent: boolean): Segment {
    const open = this.open.get(urgent);
    if (open !== undefined && !this.needsFile(urgent)) return open;
    attempt(() => open?.close());
    const segment = this.folder().create(urgent);
    this.open.set(urgent, segment);
    return segment;
  }

  private pause({ code, message }: NodeJS.ErrnoException, urgent: boolean): void {
    const isFirst = this.failedAt === -Infinity;
    this.waitMs = isFirst ? FIRST_RETRY_MS : Math.min(2 * this.waitMs, MAX_RETRY_MS);
    this.failedAt = monotonicMs();
    const segment = this.open.get(urgent);
    this.open.delete(urgent);
    // Otherwise each attempt would leave another empty file if the disk lets us create files but not write to them.
    if (segment?.live.size === 0) attempt(() => segment.remove());
    attempt(() => segment?.close());
    if (this.reported) return;
    this.reported = true;
    const where = `${this.folder().path} (${code ?? message})`;
    report(
      "warn",
      `cannot write to ${where}; telemetry that cannot be sent is kept in memory only.`,
    );
  }
}
