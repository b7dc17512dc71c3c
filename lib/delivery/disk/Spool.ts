import type { Parcel } from "../Parcel.js";
import { parcelBytes } from "../Parcel.js";
import { ReadBuffer } from "./ReadBuffer.js";
import { readRecord } from "./readRecord.js";
import { groupLines } from "./groupLines.js";
import { readOrphan } from "./readOrphan.js";
import type { Segment } from "./Segment.js";
import { formatAck, formatRecord } from "./segmentLine.js";
import { MAX_SEGMENT_BYTES, SegmentStore } from "./SegmentStore.js";
import { evictSegment } from "./evictSegment.js";
import type { SpoolEntry } from "./SpoolIndex.js";
import type { SpoolListener, SpoolOptions } from "./SpoolOptions.js";
import {
  limitsOf,
  MAX_GROUPED_BYTES,
  MAX_GROUP_BYTES,
  MAX_RECORD_BYTES,
  MIN_SEGMENTS,
  TOUCH_MS,
} from "./SpoolOptions.js";
import { SpoolIndex } from "./SpoolIndex.js";

/**
 * Where parcels wait for the far end to come back: on disk, or in a little memory where no disk takes them.
 * A held record is one that its owner still means to send; it is on disk in case the process dies first.
 * Bounded by bytes and by age. Nothing here throws.
 */
export class Spool {
  private readonly index = new SpoolIndex();
  private readonly store: SegmentStore | undefined;
  private readonly limits: ReturnType<typeof limitsOf>;
  private readonly memory = new ReadBuffer();
  private memoryBytes = 0;
  private closings = 0;
  private touchTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly listener: SpoolListener,
    options: SpoolOptions = {},
  ) {
    this.limits = limitsOf(options);
    if (options.directory !== undefined) {
      const segmentBytes = Math.min(MAX_SEGMENT_BYTES, this.limits.maxBytes / MIN_SEGMENTS);
      this.store = new SegmentStore(options.directory, segmentBytes);
    }
  }

  /** Records that wait to be replayed. */
  get available(): number {
    return this.index.available;
  }

  /** Whether there is a record of that id, held or not. */
  has(id: string): boolean {
    return this.index.get(id) !== undefined;
  }

  /** Whether there is one that nobody holds. */
  isWaiting(id: string): boolean {
    return this.index.get(id)?.held === false;
  }

  /** Adds a record; on disk, if there is one, when this returns. May drop it or others for want of room. */
  append(parcel: Parcel, held: boolean): void {
    const bytes = parcelBytes(parcel);
    const { id, count, urgent } = parcel;
    if (bytes > Math.min(MAX_RECORD_BYTES, this.limits.maxBytes / MIN_SEGMENTS)) {
      if (!held) this.listener.onDrop("too_large", count);
      return;
    }
    const entry: SpoolEntry = {
      id,
      count,
      urgent,
      held,
      bytes,
      bornAt: performance.now(),
      content: parcel,
    };
    this.index.add(entry);
    if (this.store === undefined || !this.writeToDisk(entry, formatRecord(parcel, Date.now()))) {
      this.memoryBytes += bytes;
      this.boundMemory();
    }
  }

  /** Appends many that nobody holds; short ones with few writes. */
  appendAll(parcels: readonly Parcel[]): void {
    const texts = new Map<Parcel, string>();
    const maxBytes = this.limits.maxBytes / MIN_SEGMENTS;
    for (const parcel of parcels) {
      const line =
        this.store === undefined ||
        parcels.length === 1 ||
        parcelBytes(parcel) > Math.min(MAX_GROUPED_BYTES, maxBytes)
          ? undefined
          : formatRecord(parcel, Date.now());
      if (typeof line === "string") texts.set(parcel, line);
      else this.append(parcel, false);
    }
    for (const group of groupLines(
      [...texts.keys()],
      (parcel) => texts.get(parcel) ?? "",
      Math.min(MAX_GROUP_BYTES, maxBytes),
    )) {
      this.makeRoom(group.bytes);
      const places = this.store?.appendGroup(
        group.items.map(({ id }) => id),
        group.text,
        group.lengths,
      );
      group.items.forEach((parcel, i) => {
        const place = places?.[i];
        if (place === undefined) this.append(parcel, false);
        else
          this.index.add({
            id: parcel.id,
            count: parcel.count,
            urgent: parcel.urgent,
            held: false,
            bytes: place.length,
            bornAt: performance.now(),
            content: place,
          });
      });
    }
  }

  /** The owner of a held record gave it up to the spool: it is replayed from now on. */
  release(id: string): void {
    const entry = this.index.get(id);
    if (entry !== undefined) this.index.release(entry);
  }

  /** Releases all held records and gives their ids, and what they count in sum. */
  releaseAll(): { readonly ids: readonly string[]; readonly count: number } {
    const ids: string[] = [];
    let count = 0;
    for (const entry of this.index.byWorth()) {
      if (!entry.held) continue;
      ids.push(entry.id);
      count += entry.count;
      this.index.release(entry);
    }
    return { ids, count };
  }

  /** The oldest records, as many as fit one post; they stay here until settled, their bodies until the next call. */
  take(maxParcels: number, maxBytes: number): Parcel[] {
    if (this.index.isEmpty) return [];
    this.expire();
    this.memory.reset();
    const taken: Parcel[] = [];
    const unreadable: SpoolEntry[] = [];
    let bytes = 0;
    for (const entry of this.index.byAge()) {
      if (entry.held) continue;
      if (taken.length >= maxParcels || (taken.length > 0 && bytes + entry.bytes > maxBytes)) break;
      const parcel =
        "segment" in entry.content ? readRecord(entry, entry.content, this.memory) : entry.content;
      if (parcel === undefined) unreadable.push(entry);
      else if (taken.length > 0 && parcel.contentType !== taken[0]?.contentType) break;
      else taken.push(parcel);
      bytes += entry.bytes;
    }
    this.drop("spool_corrupt", unreadable);
    return taken;
  }

  /** The records are delivered or dropped: forgets them, on disk too. Unknown ids are fine. */
  settle(ids: readonly string[]): void {
    if (this.index.isEmpty) return;
    this.forgetAll(ids);
    // Acknowledgements take room as well.
    this.makeRoom(0);
  }

  /** Adopts what dead processes left, a segment at a time with a pause for others in between. */
  async adopt(): Promise<void> {
    const { closings } = this;
    for (const segment of this.store?.orphans() ?? []) {
      this.adoptSegment(segment);
      await new Promise((resolve) => setTimeout(resolve, 0).unref());
      if (this.closings !== closings) return;
    }
    this.makeRoom(0);
  }

  /** Lets go of everything on disk, for others to adopt. Gives how much was in memory only and is lost. */
  close(): number {
    this.closings++;
    clearInterval(this.touchTimer);
    this.touchTimer = undefined;
    let lost = 0;
    for (const entry of this.index.byWorth()) {
      if (!entry.held && !("segment" in entry.content)) lost += entry.count;
    }
    this.index.clear();
    this.memoryBytes = 0;
    this.store?.close();
    return lost;
  }

  private writeToDisk(entry: SpoolEntry, line: string | readonly Uint8Array[]): boolean {
    const length =
      typeof line === "string"
        ? Buffer.byteLength(line)
        : line.reduce((sum, piece) => sum + piece.byteLength, 0);
    this.makeRoom(length);
    const place = this.store?.append(entry.id, line, length);
    if (place === undefined) return false;
    entry.content = place;
    entry.bytes = place.length;
    this.touchTimer ??= setInterval(() => this.store?.touch(), TOUCH_MS).unref();
    return true;
  }

  private forgetAll(ids: readonly string[]): void {
    const bySegment = new Map<Segment, string[]>();
    for (const id of ids) {
      const entry = this.index.get(id);
      if (entry === undefined) continue;
      const segment = this.forget(entry);
      if (segment === undefined) continue;
      const settled = bySegment.get(segment);
      if (settled === undefined) bySegment.set(segment, [id]);
      else settled.push(id);
    }
    for (const [segment, settled] of bySegment)
      this.store?.settle(segment, () => formatAck(settled));
  }

  private makeRoom(bytes: number): void {
    const { store, limits } = this;
    // Every round frees a segment or drops a record, so it ends; the bound is for what nobody thought of.
    for (
      let round = 0;
      store !== undefined && round < 10_000 && store.bytes + bytes > limits.maxBytes;
      round++
    ) {
      if (
        !evictSegment(store, this.index, limits.maxBytes, (entries) =>
          this.drop("spool_full", entries),
        )
      )
        return;
    }
  }

  private boundMemory(): void {
    for (const entry of this.index.byWorth()) {
      if (this.memoryBytes <= this.limits.maxMemoryBytes) return;
      if (!("segment" in entry.content)) this.drop("spool_full", [entry]);
    }
  }

  private expire(): void {
    const oldest = performance.now() - this.limits.maxAgeMs;
    const expired: SpoolEntry[] = [];
    for (const entry of this.index.byAge()) {
      if (entry.bornAt >= oldest) break;
      expired.push(entry);
    }
    this.drop("expired", expired);
  }

  private drop(reason: string, entries: readonly SpoolEntry[]): void {
    this.forgetAll(entries.map(({ id }) => id));
    for (const { held, count } of entries) if (!held) this.listener.onDrop(reason, count);
  }

  private forget(entry: SpoolEntry): Segment | undefined {
    this.index.remove(entry);
    if (!("segment" in entry.content)) {
      this.memoryBytes -= entry.bytes;
      return undefined;
    }
    const { segment } = entry.content;
    segment.live.delete(entry.id);
    segment.liveBytes -= entry.bytes;
    return segment;
  }

  private adoptSegment(segment: Segment): void {
    let orphan: ReturnType<typeof readOrphan>;
    try {
      orphan = readOrphan(segment, (id) => this.has(id));
    } catch {
      return;
    }
    // Not one descriptor for each of what may be hundreds: it is opened again when its turn comes.
    segment.close();
    const { entries, skipped } = orphan;
    if (entries.length === 0) this.store?.remove(segment);
    else this.store?.addOlder(segment);
    this.listener.onAdopt(skipped + entries.reduce((sum, { count }) => sum + count, 0));
    this.listener.onDrop("spool_corrupt", skipped);
    this.index.addOlder(entries);
  }
}
