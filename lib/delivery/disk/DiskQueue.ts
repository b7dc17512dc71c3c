import { join } from "node:path";
import type { DeliveryRecord } from "../DeliveryRecord.js";
import { recordBytes } from "../DeliveryRecord.js";
import { report } from "../report.js";
import { adoptSegments } from "./adoptSegments.js";
import { Segment } from "./Segment.js";
import { formatAck, formatRecord, parseRecord, scanSegment } from "./segmentCodec.js";
import type { SegmentOwner } from "./segmentOwner.js";
import { currentOwner, segmentName } from "./segmentOwner.js";
import { makeDirectory } from "./spoolPaths.js";

/** The defaults: 100,000 spans that end in one tick, a week offline, and some 10,000 events in memory. */
const DEFAULTS = {
  maxBytes: 128 * 1024 * 1024,
  maxAgeMs: 7 * 24 * 60 * 60_000,
  maxMemoryBytes: 8 * 1024 * 1024,
};
/** A record above this is not kept, because a replay would take this much memory. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024;
/** The queue has at least so many segments when it is full, so that making room drops little at a time. */
const MIN_SEGMENTS = 8;
/** A segment is closed at this size, in bytes: reading one whole takes about a millisecond. */
const MAX_SEGMENT_BYTES = 1024 * 1024;
/** Records are written together up to this many bytes; more would not be faster. */
const MAX_WRITE_BYTES = 256 * 1024;
/** Segments are touched this often, in ms; well within what `isOwnerAlive` waits for. */
const TOUCH_MS = 10 * 60_000;
/** A disk that failed is tried again after this, in ms, and each further failure doubles it. */
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;

/** All optional. */
export interface DiskQueueOptions {
  /** Where the segments of this pipe and destination are (see `spoolDirectory`). Default: memory only. */
  readonly directory?: string;
  /** Bytes on disk. Default 128 MiB. */
  readonly maxBytes?: number;
  /** Older records are dropped, in ms. Default 7 days. */
  readonly maxAgeMs?: number;
  /** Bytes in memory, when no disk takes them. Default 8 MiB. */
  readonly maxMemoryBytes?: number;
}

/** What a disk queue tells its owner. */
export interface DiskQueueListener {
  /** A record that waited was given up. Held records are not told of, because their owner still has them. */
  onDrop(reason: string, count: number): void;
  /** What a dead process left is now in this queue. */
  onAdopt(count: number): void;
}

/** A record whose fate is open. */
interface Entry {
  readonly id: string;
  readonly count: number;
  readonly urgent: boolean;
  /** By the clock that is never set back, in ms. */
  readonly bornAt: number;
  /** Its owner has it in memory and will send or store it: not to be replayed. */
  held: boolean;
  /** On disk, or the record itself while no disk has taken it. */
  content: Place | DeliveryRecord;
  bytes: number;
}

interface Place {
  readonly segment: Segment;
  readonly offset: number;
}

/**
 * Where records wait for the endpoint to come back: on disk, or in a little memory where no disk takes them.
 * Bounded by bytes and by age. Ordinary and urgent records are in separate segments, so that room is made by deleting
 * the oldest file of ordinary ones, and of urgent ones when there is no other. Nothing here throws.
 */
export class DiskQueue {
  /** Oldest first. */
  private entries = new Map<string, Entry>();
  /** Oldest first. */
  private segments = new Set<Segment>();
  /** The two that are written to, by whether their records are urgent. */
  private readonly current = new Map<boolean, Segment>();
  private readonly options: Required<Omit<DiskQueueOptions, "directory">>;
  private readonly directory: string | undefined;
  private owner: SegmentOwner | undefined;
  private memoryBytes = 0;
  private closings = 0;
  private touchTimer: NodeJS.Timeout | undefined;
  private failedAt = -Infinity;
  private retryMs = FIRST_RETRY_MS;
  private reported = false;

  constructor(
    private readonly listener: DiskQueueListener,
    options: DiskQueueOptions = {},
  ) {
    this.directory = options.directory;
    this.options = { ...DEFAULTS, ...options };
  }

  /** Whether there is a record of that id, held or not. */
  has(id: string): boolean {
    return this.entries.has(id);
  }

  /** Whether there is one that nobody holds. */
  isWaiting(id: string): boolean {
    return this.entries.get(id)?.held === false;
  }

  /** Adds records that are not here yet; on disk, if there is one, when this returns. May drop any for want of room. */
  append(records: readonly DeliveryRecord[], held: boolean): void {
    const added: Entry[] = [];
    const largest = Math.min(MAX_RECORD_BYTES, this.options.maxBytes / MIN_SEGMENTS);
    for (const record of records) {
      const { id, count, urgent } = record;
      const bytes = recordBytes(record);
      if (this.entries.has(id)) continue;
      if (bytes > largest) {
        if (!held) this.listener.onDrop("too_large", count);
        continue;
      }
      const bornAt = performance.now();
      const entry = { id, count, urgent, bornAt, held, content: record, bytes };
      this.entries.set(id, entry);
      this.memoryBytes += bytes;
      added.push(entry);
    }
    for (const kind of [false, true])
      this.write(
        added.filter(({ urgent }) => urgent === kind),
        kind,
      );
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
    this.expire();
    const taken: DeliveryRecord[] = [];
    const unreadable: Entry[] = [];
    let bytes = 0;
    for (const entry of this.entries.values()) {
      if (entry.held) continue;
      if (taken.length >= maxRecords || (taken.length > 0 && bytes + entry.bytes > maxBytes)) break;
      const record = read(entry);
      if (record === undefined) unreadable.push(entry);
      else if (taken.length > 0 && record.contentType !== taken[0]?.contentType) break;
      else taken.push(record);
      bytes += entry.bytes;
    }
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
      settled.set(segment, [...(settled.get(segment) ?? []), id]);
    }
    for (const [segment, acks] of settled) this.acknowledge(segment, acks);
  }

  /** Adopts what dead processes left, a segment at a time with a pause for others in between. */
  async adopt(): Promise<void> {
    if (this.directory === undefined) return;
    const { closings } = this;
    for (const segment of adoptSegments(this.directory, this.self())) {
      this.adoptSegment(segment);
      await new Promise((resolve) => setTimeout(resolve, 0).unref());
      if (this.closings !== closings) return;
    }
    this.entries = new Map([...this.entries].sort(([, a], [, b]) => a.bornAt - b.bornAt));
    this.makeRoom(0);
  }

  /** Leaves everything on disk for any process to adopt. Gives how much was in memory only and is lost. */
  close(): number {
    this.closings++;
    clearInterval(this.touchTimer);
    this.touchTimer = undefined;
    let lost = 0;
    for (const { held, content, count } of this.entries.values())
      if (!held && !("segment" in content)) lost += count;
    this.entries.clear();
    this.memoryBytes = 0;
    for (const segment of this.segments)
      attempt(() => {
        if (segment.live.size === 0) segment.remove();
        else segment.rename(join(this.directory ?? "", segmentName()));
      });
    this.segments.clear();
    this.current.clear();
    return lost;
  }

  private get diskBytes(): number {
    let bytes = 0;
    for (const { size } of this.segments) bytes += size;
    return bytes;
  }

  /** Looked up once, and early, because a process may have no time for it when it ends. */
  private self(): SegmentOwner {
    return (this.owner ??= currentOwner());
  }

  /** Writes entries of one kind with few writes. They stay in memory when the disk does not take them. */
  private write(entries: readonly Entry[], urgent: boolean): void {
    const maxBytes = Math.min(MAX_WRITE_BYTES, this.options.maxBytes / MIN_SEGMENTS);
    let batch: { readonly entry: Entry; readonly line: Buffer }[] = [];
    let bytes = 0;
    const flush = (): void => {
      if (batch.length > 0) this.writeBatch(batch, bytes, urgent);
      batch = [];
      bytes = 0;
    };
    for (const entry of entries) {
      if ("segment" in entry.content || !this.isDiskUsable()) continue;
      const line = formatRecord(entry.content);
      if (bytes + line.byteLength > maxBytes) flush();
      batch.push({ entry, line });
      bytes += line.byteLength;
    }
    flush();
  }

  private writeBatch(
    batch: readonly { readonly entry: Entry; readonly line: Buffer }[],
    bytes: number,
    urgent: boolean,
  ): void {
    this.makeRoom(bytes);
    try {
      const segment = this.writable(urgent);
      let offset = segment.append(Buffer.concat(batch.map(({ line }) => line)));
      this.failedAt = -Infinity;
      for (const { entry, line } of batch) {
        this.memoryBytes -= entry.bytes;
        entry.content = { segment, offset };
        entry.bytes = line.byteLength;
        segment.live.add(entry.id);
        offset += line.byteLength;
      }
    } catch (error) {
      this.failDisk(error, urgent);
    }
  }

  private isDiskUsable(): boolean {
    return this.directory !== undefined && performance.now() - this.failedAt >= this.retryMs;
  }

  private writable(urgent: boolean): Segment {
    const current = this.current.get(urgent);
    const maxBytes = Math.min(MAX_SEGMENT_BYTES, this.options.maxBytes / MIN_SEGMENTS);
    if (current !== undefined && current.size < maxBytes) return current;
    attempt(() => current?.close());
    const directory = this.directory ?? "";
    makeDirectory(directory);
    const path = join(directory, segmentName(this.self()));
    const segment = Segment.create(path, urgent);
    this.current.set(urgent, segment);
    this.segments.add(segment);
    this.touchTimer ??= setInterval(() => this.touch(), TOUCH_MS).unref();
    return segment;
  }

  private failDisk(error: unknown, urgent: boolean): void {
    this.retryMs =
      this.failedAt === -Infinity ? FIRST_RETRY_MS : Math.min(2 * this.retryMs, MAX_RETRY_MS);
    this.failedAt = performance.now();
    const current = this.current.get(urgent);
    // A file that could be made but not written to would be there once more after every try.
    if (current?.live.size === 0) this.remove(current);
    attempt(() => current?.close());
    this.current.delete(urgent);
    if (this.reported) return;
    this.reported = true;
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    report(
      "warn",
      `cannot write to ${this.directory ?? ""} (${code}); what cannot be sent is kept in memory only.`,
    );
  }

  /** Frees what the settled records leave behind, or writes down that they are settled. */
  private acknowledge(segment: Segment, ids: readonly string[]): void {
    // Without it the records are sent again by whoever adopts the segment: at least once.
    attempt(() => {
      if (segment.live.size > 0) {
        const line = formatAck(ids);
        // Making room for it would drop records.
        if (this.diskBytes + line.byteLength <= this.options.maxBytes) segment.append(line);
      } else if (segment === this.current.get(segment.urgent)) {
        segment.truncate();
      } else this.remove(segment);
    });
  }

  /** Deletes a segment, whatever is in it. */
  private remove(segment: Segment): void {
    this.segments.delete(segment);
    if (segment === this.current.get(segment.urgent)) this.current.delete(segment.urgent);
    // In a directory that is read-only by now, its records are found again at the next start.
    attempt(() => segment.remove());
  }

  private makeRoom(bytes: number): void {
    while (this.diskBytes + bytes > this.options.maxBytes) {
      const segments = [...this.segments];
      const oldest = segments.find(({ urgent }) => !urgent) ?? segments[0];
      if (oldest === undefined) return;
      this.remove(oldest);
      for (const id of oldest.live) {
        const entry = this.entries.get(id);
        this.entries.delete(id);
        if (entry?.held === false) this.listener.onDrop("spool_full", entry.count);
      }
    }
  }

  private boundMemory(): void {
    if (this.memoryBytes <= this.options.maxMemoryBytes) return;
    const inMemory = [...this.entries.values()].filter(({ content }) => !("segment" in content));
    // Sorting is stable: ordinary before urgent, each oldest first.
    inMemory.sort((a, b) => Number(a.urgent) - Number(b.urgent));
    for (const entry of inMemory) {
      if (this.memoryBytes <= this.options.maxMemoryBytes) return;
      this.drop("spool_full", [entry]);
    }
  }

  private expire(): void {
    const oldest = performance.now() - this.options.maxAgeMs;
    const expired: Entry[] = [];
    for (const entry of this.entries.values()) {
      if (entry.bornAt >= oldest) break;
      expired.push(entry);
    }
    this.drop("expired", expired);
  }

  private drop(reason: string, entries: readonly Entry[]): void {
    this.settle(entries.map(({ id }) => id));
    for (const { held, count } of entries) if (!held) this.listener.onDrop(reason, count);
  }

  private adoptSegment(segment: Segment): void {
    let content: Buffer;
    try {
      content = segment.readAll();
      // It is opened again when its turn comes: there may be hundreds.
      segment.close();
    } catch {
      return;
    }
    const { records, skipped } = scanSegment(content);
    const [now, since] = [Date.now(), performance.now()];
    let adopted = skipped;
    segment.urgent = false;
    for (const { record, time, offset, length } of records) {
      const { id, count, urgent } = record;
      if (this.entries.has(id)) continue;
      // A time ahead of the clock comes from before the clock was set back: the record is as good as new.
      const bornAt = since - Math.max(0, now - time);
      const place = { segment, offset };
      this.entries.set(id, {
        id,
        count,
        urgent,
        bornAt,
        held: false,
        content: place,
        bytes: length,
      });
      segment.live.add(id);
      // Older versions have put both kinds into one file.
      segment.urgent ||= urgent;
      adopted += count;
    }
    if (segment.live.size === 0) this.remove(segment);
    else this.segments = new Set([segment, ...this.segments]);
    this.touchTimer ??= setInterval(() => this.touch(), TOUCH_MS).unref();
    this.listener.onAdopt(adopted);
    this.listener.onDrop("spool_corrupt", skipped);
  }

  /** Keeps the segments from being taken for those of a dead process by one that cannot see this one. */
  private touch(): void {
    const now = new Date();
    for (const segment of this.segments) attempt(() => segment.touch(now));
  }
}

/** The record of an entry; undefined when what is on disk is not what was written. */
function read({ id, content, bytes }: Entry): DeliveryRecord | undefined {
  if (!("segment" in content)) return content;
  try {
    const line = content.segment.read(content.offset, bytes);
    const record = parseRecord(line.at(-1) === 0x0a ? line.subarray(0, -1) : line)?.record;
    return record?.id === id ? record : undefined;
  } catch {
    return undefined;
  }
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // The next start finds what is left.
  }
}
