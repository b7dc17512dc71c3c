import { basename } from "node:path";
import { SPOOL_DEFAULTS } from "../../config/spoolDefaults.js";
import { attempt } from "../../shared/attempt.js";
import {
  clearInterval,
  monotonicMs,
  setInterval,
  setTimeout,
  wallMs,
} from "../../shared/timers.js";
import type { DeliveryRecord } from "../DeliveryRecord.js";
import { countOf } from "../DeliveryRecord.js";
import type { DeliveryStats } from "../DeliveryStats.js";
import type { Entry } from "./Entry.js";
import { oldestFirst, readEntry } from "./Entry.js";
import { MAX_FILES, OtherSegments } from "./OtherSegments.js";
import { readSegment, readSegmentNow } from "./readSegment.js";
import type { Segment } from "./Segment.js";
import { MAX_SEGMENT_READ } from "./Segment.js";
import { formatAcks, formatRecord, MAX_RECORD_BYTES } from "./segmentCodec.js";
import type { SegmentFile } from "./SegmentFolder.js";
import { leastValuable, SegmentFolder } from "./SegmentFolder.js";
import { currentOwner } from "./segmentOwner.js";
import { SegmentWriter } from "./SegmentWriter.js";

const DEFAULTS = {
  ...SPOOL_DEFAULTS,
  /** Limit of what is kept in memory while no disk accepts it: about 10,000 events. */
  maxMemoryBytes: 8 * 1024 * 1024,
};
/** A segment is closed at this size, in bytes; reading a whole one takes about a millisecond. */
const MAX_SEGMENT_BYTES = 1024 * 1024;
/** A full queue has at least this many segments, so that making room drops little at a time. */
const MIN_SEGMENTS = 8;
/** When another process's file is deleted to make room, this many bytes of it are read to count its records. */
const MAX_COUNTED = 4 * 1024 * 1024;
/** Limit, in bytes plus `FILE_COST` per file, of what is deleted in one go to make room; it takes about 20 ms. */
const MAX_DELETED = 8 * 1024 * 1024;
const FILE_COST = 128 * 1024;
/**
 * Adoption stops when this many records wait to be sent; the other files stay where they are until these are gone. As
 * entries, all the 130,000 records that a full spool may hold would take 40 MB.
 */
const MAX_ADOPTED = 2_048;
/** Adoption yields to other work after this, in ms. */
const SLICE_MS = 8;
/** Segments are touched this often, in ms; well within the time that `isOwnerAlive` allows. */
const TOUCH_MS = 10 * 60_000;

export interface DiskQueueOptions extends Readonly<Partial<typeof DEFAULTS>> {
  /**
   * The directory of this pipe and destination's segments (see `spoolDirectory`); a function is called at first use.
   * Default: memory only.
   */
  readonly directory?: string | (() => string);
  /** Splits a record into parts that hold the same items; undefined when it cannot be split, which is the default. */
  split?(record: DeliveryRecord): readonly DeliveryRecord[] | undefined;
}

/**
 * Where records wait until the endpoint answers again: on disk, or in a little memory while no disk accepts them.
 * The bounds in bytes and age are shared by all processes that use the folder. Ordinary and urgent records are in
 * separate segments, so that room is made by deleting the oldest file of ordinary records, or of urgent ones when there
 * is no other, but never a file that another live process may write to. No method throws.
 */
export class DiskQueue {
  private readonly entries = new Map<string, Entry>();
  /** Ids of the entries that are not on disk, oldest first. */
  private readonly inMemory = new Set<string>();
  private readonly segments = new Set<Segment>();
  /** The segment that is being read for adoption. */
  private adopting: Segment | undefined;
  private readonly others = new OtherSegments();
  private readonly options: DiskQueueOptions & typeof DEFAULTS;
  /** Determined early, because a process that is ending may not have the time. */
  private readonly owner = currentOwner();
  private opened: SegmentFolder | undefined;
  private memoryBytes = 0;
  private closed = false;
  private touchTimer: NodeJS.Timeout | undefined;
  private readonly writer: SegmentWriter;

  constructor(
    private readonly stats: Pick<DeliveryStats, "adopt" | "drop">,
    options: DiskQueueOptions = {},
  ) {
    this.options = { ...DEFAULTS, ...options };
    this.writer = new SegmentWriter(() => this.folder, this.segmentBytes);
  }

  /** Whether there is a record with this id, held or not. */
  has(id: string): boolean {
    return this.entries.has(id);
  }

  /** Whether there is a record with this id that is not held. */
  isWaiting(id: string): boolean {
    return this.entries.get(id)?.held === false;
  }

  /**
   * Adds records that are not here yet. They are on disk, if there is one, when this returns. May drop any record to
   * make room; drops are counted, except those of held records, which their owner still has.
   */
  append(records: readonly DeliveryRecord[], held: boolean): void {
    for (const record of records) this.add(record, held);
    if (this.isDiskUsable) this.writeMemory();
    this.boundMemory();
  }

  /** Writes what is not on disk yet: new records, and those kept in memory while the disk was failing. */
  private writeMemory(): void {
    const unwritten = [...this.inMemory].flatMap((id) => this.entries.get(id) ?? []);
    for (const kind of [false, true]) {
      const entries = unwritten.filter(({ urgent }) => urgent === kind);
      while (entries.length > 0 && this.isDiskUsable) this.write(entries, kind);
    }
  }

  /** The owner leaves a held record to the queue, which may now replay it. False when there is no such record. */
  release(id: string): boolean {
    const entry = this.entries.get(id);
    if (entry !== undefined) entry.held = false;
    return entry !== undefined;
  }

  /** Releases all held records and returns them. */
  releaseAll(): readonly { readonly id: string; readonly count: number }[] {
    const held = [...this.entries.values()].filter((entry) => entry.held);
    for (const entry of held) entry.held = false;
    return held;
  }

  /** Returns the oldest records, as many as fit one request; they stay here until they are settled. */
  take(maxRecords: number, maxBytes: number): DeliveryRecord[] {
    const oldest = monotonicMs() - this.options.maxAgeMs;
    const taken: DeliveryRecord[] = [];
    const [expired, unreadable]: [Entry[], Entry[]] = [[], []];
    let bytes = 0;
    const lists = [this.inMemory, ...[...this.segments].map(({ live }) => live)];
    for (const entry of oldestFirst(lists, this.entries)) {
      const isExpired = entry.bornAt < oldest;
      if (isExpired) expired.push(entry);
      if (isExpired || entry.held) continue;
      if (taken.length >= maxRecords || (taken.length > 0 && bytes + entry.bytes > maxBytes)) break;
      const record = readEntry(entry);
      if (record === undefined) unreadable.push(entry);
      else if (taken.length > 0 && record.contentType !== taken[0]?.contentType) break;
      else taken.push(record);
      bytes += entry.bytes;
    }
    this.drop("expired", expired);
    this.drop("spool_corrupt", unreadable);
    return taken;
  }

  /** Forgets records that were delivered or dropped, on disk too. Unknown ids are ignored. */
  settle(ids: readonly string[]): void {
    const settled = new Map<Segment, string[]>();
    for (const id of ids) {
      const entry = this.entries.get(id);
      if (entry === undefined) continue;
      this.entries.delete(id);
      if (!("segment" in entry.content)) {
        this.inMemory.delete(id);
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
      if (segment.live.size === 0) this.remove(segment);
      else {
        const lines = formatAcks(acks);
        // Making room for an acknowledgement would drop records; without one, an adopter sends these again.
        if (this.hasRoomFor(lines.byteLength)) attempt(() => segment.append(lines));
      }
    }
  }

  /**
   * Adopts what dead processes left, oldest files first, yielding to other work in between, until stopped. Resolves to
   * true when there is more than may wait here at once: call it again when `take` returns nothing.
   */
  async adopt(isStopped: () => boolean = () => false): Promise<boolean> {
    if (this.options.directory === undefined) return false;
    let since = monotonicMs();
    /** Resolves to false when adoption must stop. */
    const pause = async (): Promise<boolean> => {
      if (monotonicMs() - since > SLICE_MS) {
        // A timer, because an unreferenced immediate waits until something else wakes the event loop.
        await new Promise((resolve) => setTimeout(resolve, 0).unref());
        since = monotonicMs();
      }
      return !this.closed && !isStopped();
    };
    const ended = [...this.folder.endedThreads];
    const files = await this.folder.orphans(MAX_FILES, pause);
    if (files === undefined) return false;
    let waiting = [...this.entries.values()].filter(({ held }) => !held).length;
    let claimed = 0;
    for (const file of files) {
      if (!(await pause())) return false;
      if (waiting >= MAX_ADOPTED) return true;
      const segment = this.others.claim(this.folder, file);
      if (segment === undefined) continue;
      claimed++;
      await this.adoptSegment(segment, pause);
      waiting += segment.live.size;
    }
    if (files.length === MAX_FILES && claimed > 0) return true;
    for (const thread of ended) this.folder.endedThreads.delete(thread);
    while (this.makeRoom(0, true)) if (!(await pause())) return false;
    return false;
  }

  /** A thread of this process has ended, so what it left can be adopted. */
  endThread(thread: number): void {
    if (this.options.directory !== undefined) this.folder.endedThreads.add(thread);
  }

  /** Drops what is not on disk. Called when nobody will try to write it again. */
  dropUnwritten(): void {
    if (this.memoryBytes === 0) return;
    const entries = [...this.entries.values()];
    this.drop(
      "spool_unavailable",
      entries.filter(({ content }) => !("segment" in content)),
    );
  }

  /** Leaves everything on disk for any process to adopt. Later records go to new segments owned by this process. */
  close(): void {
    this.closed = true;
    clearInterval(this.touchTimer);
    this.touchTimer = undefined;
    // A disk that failed gets one more chance.
    this.writer.retryNow();
    if (this.isDiskUsable) this.writeMemory();
    this.dropUnwritten();
    this.entries.clear();
    this.inMemory.clear();
    this.memoryBytes = 0;
    for (const segment of this.owned()) {
      this.writer.forget(segment);
      this.folder.leave(segment);
    }
    this.segments.clear();
    this.adopting = undefined;
  }

  private add(record: DeliveryRecord, held: boolean): void {
    const { id, count, urgent } = record;
    const bytes = Buffer.byteLength(record.body);
    if (this.has(id)) return;
    if (bytes > Math.min(MAX_RECORD_BYTES, this.options.maxBytes / MIN_SEGMENTS)) {
      // The owner refers to a held record by its id, so it cannot be split.
      if (held) return;
      const parts = attempt(() => this.options.split?.(record)) ?? [];
      if (parts.length < 2 || countOf(parts) !== count)
        this.stats.drop("too_large", count, "spooled");
      else for (const part of parts) this.add(part, held);
      return;
    }
    const entry = { id, count, urgent, bornAt: monotonicMs(), held, content: record, bytes };
    this.entries.set(id, entry);
    this.inMemory.add(id);
    this.memoryBytes += bytes;
  }

  private owned(): readonly Segment[] {
    return this.adopting === undefined ? [...this.segments] : [...this.segments, this.adopting];
  }

  private ownBytes(): number {
    let sum = this.adopting?.size ?? 0;
    for (const { size } of this.segments) sum += size;
    return sum;
  }

  private hasRoomFor(bytes: number): boolean {
    const { maxBytes } = this.options;
    const files = this.segments.size + this.others.files;
    return this.ownBytes() + this.others.bytes + bytes <= maxBytes && files <= MAX_FILES;
  }

  private get folder(): SegmentFolder {
    const { directory = "" } = this.options;
    return (this.opened ??= new SegmentFolder(
      typeof directory === "string" ? directory : directory(),
      this.owner,
    ));
  }

  private get segmentBytes(): number {
    return Math.min(MAX_SEGMENT_BYTES, this.options.maxBytes / MIN_SEGMENTS);
  }

  private get isDiskUsable(): boolean {
    return this.options.directory !== undefined && this.writer.isDue;
  }

  /** Takes the first entries off the list, up to a segment's size, and writes them. On failure they stay in memory. */
  private write(entries: Entry[], urgent: boolean): void {
    const lines: Buffer[] = [];
    let bytes = 0;
    for (const { content } of entries) {
      if (bytes >= this.segmentBytes || "segment" in content) break;
      const line = formatRecord(content);
      lines.push(line);
      bytes += line.byteLength;
    }
    const batch = entries.splice(0, lines.length);
    this.makeRoom(bytes, this.writer.needsFile(urgent));
    const written = this.writer.append(lines, urgent);
    if (written === undefined) return;
    const { segment } = written;
    let { offset } = written;
    this.segments.add(segment);
    this.keepTouching();
    batch.forEach((entry, i) => {
      this.memoryBytes -= entry.bytes;
      this.inMemory.delete(entry.id);
      entry.content = { segment, offset };
      entry.bytes = lines[i]?.byteLength ?? 0;
      segment.live.add(entry.id);
      offset += entry.bytes;
    });
  }

  /** Deletes a segment, whatever it contains. */
  private remove(segment: Segment): void {
    this.segments.delete(segment);
    this.writer.forget(segment);
    // If the directory has become read-only, the records are found again at the next start.
    attempt(() => segment.remove());
  }

  /**
   * Deletes the least valuable files until there is room. Returns true if it stopped early, leaving the rest to the
   * next call: when the folder is far above its limit, for example because that was lowered.
   *
   * @param isDue Whether to list the other processes' files even if there seems to be room.
   */
  private makeRoom(bytes: number, isDue: boolean): boolean {
    if (isDue || !this.hasRoomFor(bytes)) this.look();
    for (let deleted = 0; !this.hasRoomFor(bytes);) {
      if (deleted > MAX_DELETED) return true;
      // However much others hold, this process may keep one segment's worth.
      const isOwnInTurn = this.ownBytes() + bytes > this.segmentBytes;
      const worst = leastValuable(
        [...this.others.candidates, ...(isOwnInTurn ? this.segments : [])],
        this.options.maxBytes,
      );
      if (worst === undefined) return false;
      deleted += worst.size + FILE_COST;
      if ("name" in worst) this.dropOther(worst, "spool_full");
      else {
        const entries = [...worst.live].flatMap((id) => this.entries.get(id) ?? []);
        this.drop("spool_full", entries);
        this.remove(worst);
      }
    }
    return false;
  }

  /** Lists the other processes' files, and drops those that nobody uses any more and that are too old. */
  private look(): void {
    if (!this.others.look(this.folder, new Set(this.owned().map(({ path }) => basename(path)))))
      return;
    const oldest = wallMs() - this.options.maxAgeMs;
    for (const file of this.others.candidates)
      if (file.modifiedAt < oldest) this.dropOther(file, "expired", oldest);
  }

  /** Deletes an unused file and counts its records; if one is newer than `newerThan`, only the file's date is set. */
  private dropOther(file: SegmentFile, reason: string, newerThan = Infinity): void {
    const segment = this.others.claim(this.folder, file);
    if (segment === undefined) return;
    const content = attempt(() => readSegmentNow(segment, MAX_COUNTED));
    const records = [...(content?.records.values() ?? [])];
    segment.modifiedAt = records.reduce((newest, { time }) => Math.max(newest, time), 0);
    if (segment.modifiedAt > newerThan) {
      this.folder.leave(segment);
      return;
    }
    const found = records.filter(({ id }) => !this.has(id));
    this.count(reason, countOf(found));
    this.count("spool_corrupt", content?.skipped ?? 1);
    attempt(() => segment.remove());
  }

  /** Counts as dropped here what another process had spooled. */
  private count(reason: string, count: number): void {
    this.stats.adopt(count);
    this.stats.drop(reason, count, "spooled");
  }

  private boundMemory(): void {
    const isOver = (): boolean => this.memoryBytes > this.options.maxMemoryBytes;
    if (!isOver()) return;
    const inMemory = [...this.inMemory].flatMap((id) => this.entries.get(id) ?? []);
    // The sort is stable, so this gives ordinary before urgent, each oldest first.
    inMemory.sort((a, b) => Number(a.urgent) - Number(b.urgent));
    for (const entry of inMemory) if (isOver()) this.drop("spool_full", [entry]);
  }

  private drop(reason: string, entries: readonly Entry[]): void {
    this.settle(entries.map(({ id }) => id));
    for (const { held, count } of entries) if (!held) this.stats.drop(reason, count, "spooled");
  }

  private async adoptSegment(segment: Segment, pause: () => Promise<boolean>): Promise<void> {
    // Writes that happen during adoption must neither take this segment for another process's nor delete it.
    this.adopting = segment;
    attempt(() => segment.truncate(MAX_SEGMENT_READ));
    const reading = readSegment(segment, MAX_SEGMENT_READ);
    let slice = attempt(() => reading.next());
    while (slice?.done === false) {
      if (!(await pause())) return;
      slice = attempt(() => reading.next());
    }
    // Closed because there may be hundreds; it is opened again when its turn comes.
    attempt(() => segment.close());
    if (slice?.done !== true) {
      this.adopting = undefined;
      return;
    }
    const { records, skipped } = slice.value;
    this.count("spool_corrupt", skipped);
    const [now, since] = [wallMs(), monotonicMs()];
    let newest = 0;
    segment.urgent = false;
    for (const { id, count, urgent, time, offset, length } of records.values()) {
      if (!(await pause())) return;
      // Older versions put both kinds into one file, which is then as valuable as its most valuable record.
      segment.urgent ||= urgent;
      newest = Math.max(newest, time);
      if (this.has(id)) continue;
      // A time in the future means that the clock was set back since; the record counts as new.
      const bornAt = since - Math.max(0, now - time);
      const where = { content: { segment, offset }, bytes: length };
      this.entries.set(id, { id, count, urgent, bornAt, held: false, ...where });
      segment.live.add(id);
      this.stats.adopt(count);
    }
    segment.modifiedAt = Math.min(segment.modifiedAt, newest);
    this.adopting = undefined;
    if (segment.live.size === 0) this.remove(segment);
    else this.segments.add(segment);
    this.keepTouching();
  }

  /** Touches the segments regularly, so that a process that cannot see this one does not take it for dead. */
  private keepTouching(): void {
    this.touchTimer ??= setInterval(() => {
      const now = new Date();
      for (const segment of this.owned()) attempt(() => segment.touch(now));
      this.makeRoom(0, true);
    }, TOUCH_MS).unref();
  }
}
