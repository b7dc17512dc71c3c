import { join } from "node:path";
import { attempt } from "../../shared/attempt.js";
import { clearInterval, monotonicMs, setInterval, setTimeout } from "../../shared/timers.js";
import type { DeliveryRecord } from "../DeliveryRecord.js";
import type { DeliveryStats } from "../DeliveryStats.js";
import { report } from "../report.js";
import { adoptSegments } from "./adoptSegments.js";
import { MAX_SEGMENT_READ, Segment } from "./Segment.js";
import { formatAck, formatRecord, parseRecord, scanSegment } from "./segmentCodec.js";
import { currentOwner, segmentName } from "./segmentOwner.js";
import { makeDirectory } from "./spoolPaths.js";

const DEFAULTS = {
  /** On disk: 100,000 spans that end in one tick. */
  maxBytes: 128 * 1024 * 1024,
  /** A week offline; older records are dropped. */
  maxAgeMs: 7 * 24 * 60 * 60_000,
  /** In memory, when no disk takes them: some 10,000 events. */
  maxMemoryBytes: 8 * 1024 * 1024,
};
/** A record above this is not kept, because a replay would take this much memory. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024;
/** A segment is closed at this size, in bytes: reading one whole takes about a millisecond. */
const MAX_SEGMENT_BYTES = 1024 * 1024;
/** A full queue has at least so many segments, so that making room drops little at a time. */
const MIN_SEGMENTS = 8;
/** Segments are touched this often, in ms; well within what `isOwnerAlive` waits for. */
const TOUCH_MS = 10 * 60_000;
/** A disk that failed is tried again after this, in ms, and each further failure doubles it. */
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;

export interface DiskQueueOptions extends Readonly<Partial<typeof DEFAULTS>> {
  /**
   * Where the segments of this pipe and destination are (see `spoolDirectory`); a function is asked at first use.
   * Default: memory only.
   */
  readonly directory?: string | (() => string);
}

/** A record whose fate is open. */
interface Entry {
  readonly id: string;
  readonly count: number;
  readonly urgent: boolean;
  /** On the monotonic clock, in ms. */
  readonly bornAt: number;
  /** Its owner has it in memory and will send or store it: not to be replayed. */
  held: boolean;
  /** On disk, or the record itself while no disk has taken it. */
  content: { readonly segment: Segment; readonly offset: number } | DeliveryRecord;
  bytes: number;
}

/**
 * Where records wait for the endpoint to come back: on disk, or in a little memory where no disk takes them.
 * Bounded by bytes and by age. Ordinary and urgent records are in separate segments, so that room is made by deleting
 * the oldest file of ordinary ones, or of urgent ones when there is no other. Nothing here throws.
 */
export class DiskQueue {
  /** Oldest first. */
  private entries = new Map<string, Entry>();
  /** Oldest first. */
  private segments = new Set<Segment>();
  /** The two that are written to, by whether their records are urgent. */
  private readonly current = new Map<boolean, Segment>();
  private readonly options: DiskQueueOptions & typeof DEFAULTS;
  /** Looked up early, because an ending process may not have the time. */
  private readonly owner = currentOwner();
  private path: string | undefined;
  private memoryBytes = 0;
  private closed = false;
  private touchTimer: NodeJS.Timeout | undefined;
  private failedAt = -Infinity;
  private retryMs = FIRST_RETRY_MS;
  private reported = false;

  constructor(
    private readonly stats: Pick<DeliveryStats, "adopt" | "drop">,
    options: DiskQueueOptions = {},
  ) {
    this.options = { ...DEFAULTS, ...options };
  }

  /** Whether there is a record of that id, held or not. */
  has(id: string): boolean {
    return this.entries.has(id);
  }

  /** Whether there is a record of that id that nobody holds. */
  isWaiting(id: string): boolean {
    return this.entries.get(id)?.held === false;
  }

  /**
   * Adds records that are not here yet; on disk, if there is one, when this returns. May drop any for want of room,
   * and counts that, but for held ones, which their owner still has.
   */
  append(records: readonly DeliveryRecord[], held: boolean): void {
    const added: Entry[] = [];
    for (const record of records) {
      const { id, count, urgent } = record;
      const bytes = Buffer.byteLength(record.body);
      if (this.has(id)) continue;
      if (bytes > Math.min(MAX_RECORD_BYTES, this.options.maxBytes / MIN_SEGMENTS)) {
        if (!held) this.stats.drop("too_large", count, "spooled");
        continue;
      }
      const entry = { id, count, urgent, bornAt: monotonicMs(), held, content: record, bytes };
      this.entries.set(id, entry);
      this.memoryBytes += bytes;
      added.push(entry);
    }
    for (const kind of [false, true]) {
      const unwritten = added.filter(({ urgent }) => urgent === kind);
      while (unwritten.length > 0 && this.isDiskUsable) this.write(unwritten, kind);
    }
    this.boundMemory();
  }

  /** The owner of a held record leaves it to the queue, to be replayed from now on. False when there is none. */
  release(id: string): boolean {
    const entry = this.entries.get(id);
    if (entry !== undefined) entry.held = false;
    return entry !== undefined;
  }

  /** Releases all held records and gives them. */
  releaseAll(): readonly { readonly id: string; readonly count: number }[] {
    const held = [...this.entries.values()].filter((entry) => entry.held);
    for (const entry of held) entry.held = false;
    return held;
  }

  /** The oldest records, as many as fit one request; they stay here until they are settled. */
  take(maxRecords: number, maxBytes: number): DeliveryRecord[] {
    const oldest = monotonicMs() - this.options.maxAgeMs;
    const taken: DeliveryRecord[] = [];
    const [expired, unreadable]: [Entry[], Entry[]] = [[], []];
    let bytes = 0;
    for (const entry of this.entries.values()) {
      const isExpired = entry.bornAt < oldest;
      if (isExpired) expired.push(entry);
      if (isExpired || entry.held) continue;
      if (taken.length >= maxRecords || (taken.length > 0 && bytes + entry.bytes > maxBytes)) break;
      const record = read(entry);
      if (record === undefined) unreadable.push(entry);
      else if (taken.length > 0 && record.contentType !== taken[0]?.contentType) break;
      else taken.push(record);
      bytes += entry.bytes;
    }
    this.drop("expired", expired);
    this.drop("spool_corrupt", unreadable);
    return taken;
  }

  /** The records are delivered or dropped: forgets them, on disk too. Unknown ids are fine. */
  settle(ids: readonly string[]): void {
    const settled = new Map<Segment, string[]>();
    for (const id of ids) {
      const entry = this.entries.get(id);
      if (entry === undefined) continue;
      this.entries.delete(id);
      if (!("segment" in entry.content)) {
        this.memoryBytes -= entry.bytes;
        continue;
      }
      const { segment } = entry.content;
      segment.live.delete(id);
      const acks = settled.get(segment) ?? [];
      settled.set(segment, acks);
      acks.push(id);
    }
    for (const [segment, acks] of settled) {
      const line = formatAck(acks);
      if (segment.live.size === 0) this.remove(segment);
      // Making room for an acknowledgement would drop records; without it, whoever adopts the segment sends these again.
      else if (this.hasRoomFor(line.byteLength)) attempt(() => segment.append(line));
    }
  }

  /** Adopts what dead processes left, a segment at a time with a pause for others in between. */
  async adopt(): Promise<void> {
    if (this.options.directory === undefined) return;
    for (const segment of adoptSegments(this.directory, this.owner)) {
      this.adoptSegment(segment);
      await new Promise((resolve) => setTimeout(resolve, 0).unref());
      if (this.closed) return;
    }
    this.entries = new Map([...this.entries].sort(([, a], [, b]) => a.bornAt - b.bornAt));
    this.makeRoom(0);
  }

  /** Drops what no disk has taken: for the time after which nobody will try again. */
  dropUnwritten(): void {
    if (this.memoryBytes === 0) return;
    const entries = [...this.entries.values()];
    this.drop(
      "spool_unavailable",
      entries.filter(({ content }) => !("segment" in content)),
    );
  }

  /** Leaves everything on disk for any process to adopt. What is appended later is in segments of this process. */
  close(): void {
    this.closed = true;
    clearInterval(this.touchTimer);
    this.touchTimer = undefined;
    this.dropUnwritten();
    this.entries.clear();
    this.memoryBytes = 0;
    for (const segment of this.segments)
      attempt(() => segment.rename(join(this.directory, segmentName())));
    this.segments.clear();
    this.current.clear();
  }

  private hasRoomFor(bytes: number): boolean {
    let sum = bytes;
    for (const { size } of this.segments) sum += size;
    return sum <= this.options.maxBytes;
  }

  private get directory(): string {
    const { directory = "" } = this.options;
    return (this.path ??= typeof directory === "string" ? directory : directory());
  }

  private get isDiskUsable(): boolean {
    return this.options.directory !== undefined && monotonicMs() - this.failedAt >= this.retryMs;
  }

  /** Writes the first of these entries at once and takes them off the list. They stay in memory when that fails. */
  private write(entries: Entry[], urgent: boolean): void {
    const segmentBytes = Math.min(MAX_SEGMENT_BYTES, this.options.maxBytes / MIN_SEGMENTS);
    const lines: Buffer[] = [];
    let bytes = 0;
    for (const { content } of entries) {
      if (bytes >= segmentBytes || "segment" in content) break;
      const line = formatRecord(content);
      lines.push(line);
      bytes += line.byteLength;
    }
    const batch = entries.splice(0, lines.length);
    this.makeRoom(bytes);
    try {
      const segment = this.writable(urgent, segmentBytes);
      const [first] = lines;
      let offset = segment.append(lines.length === 1 && first ? first : Buffer.concat(lines));
      this.failedAt = -Infinity;
      batch.forEach((entry, i) => {
        this.memoryBytes -= entry.bytes;
        entry.content = { segment, offset };
        entry.bytes = lines[i]?.byteLength ?? 0;
        segment.live.add(entry.id);
        offset += entry.bytes;
      });
    } catch (error) {
      this.pauseDisk(error, urgent);
    }
  }

  private writable(urgent: boolean, segmentBytes: number): Segment {
    const current = this.current.get(urgent);
    if (current !== undefined && current.size < segmentBytes) return current;
    attempt(() => current?.close());
    makeDirectory(this.directory);
    const segment = Segment.create(join(this.directory, segmentName(this.owner)), urgent);
    this.current.set(urgent, segment);
    this.segments.add(segment);
    this.keepTouching();
    return segment;
  }

  private pauseDisk(error: unknown, urgent: boolean): void {
    const isNew = this.failedAt === -Infinity;
    this.retryMs = isNew ? FIRST_RETRY_MS : Math.min(2 * this.retryMs, MAX_RETRY_MS);
    this.failedAt = monotonicMs();
    const current = this.current.get(urgent);
    this.current.delete(urgent);
    // Otherwise every attempt would leave one more empty file when the disk lets us create files but not write them.
    if (current?.live.size === 0) this.remove(current);
    attempt(() => current?.close());
    if (this.reported) return;
    this.reported = true;
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const where = `${this.directory} (${code})`;
    report("warn", `cannot write to ${where}; what cannot be sent is kept in memory only.`);
  }

  /** Deletes a segment, whatever is in it. */
  private remove(segment: Segment): void {
    this.segments.delete(segment);
    if (segment === this.current.get(segment.urgent)) this.current.delete(segment.urgent);
    // In a directory that is read-only by now, its records are found again at the next start.
    attempt(() => segment.remove());
  }

  private makeRoom(bytes: number): void {
    while (!this.hasRoomFor(bytes)) {
      const segments = [...this.segments];
      const oldest = segments.find(({ urgent }) => !urgent) ?? segments[0];
      if (oldest === undefined) return;
      const entries = [...oldest.live].flatMap((id) => this.entries.get(id) ?? []);
      this.drop("spool_full", entries);
      this.remove(oldest);
    }
  }

  private boundMemory(): void {
    const isOver = (): boolean => this.memoryBytes > this.options.maxMemoryBytes;
    if (!isOver()) return;
    const inMemory = [...this.entries.values()].filter(({ content }) => !("segment" in content));
    // Sorting is stable: ordinary before urgent, each oldest first.
    inMemory.sort((a, b) => Number(a.urgent) - Number(b.urgent));
    for (const entry of inMemory) if (isOver()) this.drop("spool_full", [entry]);
  }

  private drop(reason: string, entries: readonly Entry[]): void {
    this.settle(entries.map(({ id }) => id));
    for (const { held, count } of entries) if (!held) this.stats.drop(reason, count, "spooled");
  }

  private adoptSegment(segment: Segment): void {
    const readable = Math.min(segment.size, MAX_SEGMENT_READ);
    const content = attempt(() => segment.read(0, readable));
    // It is opened again when its turn comes: there may be hundreds.
    attempt(() => segment.close());
    if (content === undefined) return;
    const { records, skipped } = scanSegment(content);
    const [now, since] = [Date.now(), monotonicMs()];
    this.stats.adopt(skipped);
    this.stats.drop("spool_corrupt", skipped, "spooled");
    for (const { record, time, offset, length } of records) {
      const { id, count, urgent } = record;
      if (this.has(id)) continue;
      // A time ahead of the clock comes from before the clock was set back: the record is as good as new.
      const bornAt = since - Math.max(0, now - time);
      const where = { content: { segment, offset }, bytes: length };
      this.entries.set(id, { id, count, urgent, bornAt, held: false, ...where });
      segment.live.add(id);
      this.stats.adopt(count);
    }
    // Older versions put both kinds into one file, which then is worth as much as its best record.
    segment.urgent = records.some(({ record }) => record.urgent);
    if (segment.live.size === 0) this.remove(segment);
    else this.segments = new Set([segment, ...this.segments]);
    this.keepTouching();
  }

  /** Keeps the segments from being taken for those of a dead process by one that cannot see this one. */
  private keepTouching(): void {
    this.touchTimer ??= setInterval(() => {
      const now = new Date();
      for (const segment of this.segments) attempt(() => segment.touch(now));
    }, TOUCH_MS).unref();
  }
}

/** The record of an entry; undefined when what is on disk is not what was written. */
function read({ id, content, bytes }: Entry): DeliveryRecord | undefined {
  if (!("segment" in content)) return content;
  const record = attempt(() => parseRecord(content.segment.read(content.offset, bytes)));
  return record?.id === id ? record : undefined;
}
