import type { Parcel } from "./Parcel.js";
import { parcelBytes } from "./Parcel.js";

/** What the memory may hold when no disk takes it: some 10,000 events or 30 batches of spans. */
export const MAX_MEMORY_BYTES = 8 * 1024 * 1024;

/** All optional. */
export interface SpoolOptions {
  /** Where the segments of this pipe and destination are (see `spoolDirectory`). Default: memory only. */
  readonly directory?: string;
  /** Bytes on disk. Default 128 MiB: 100,000 spans ended in one tick fit. */
  readonly maxBytes?: number;
  /** Older records are dropped, in ms. Default seven days. */
  readonly maxAgeMs?: number;
  /** Default {@link MAX_MEMORY_BYTES}. */
  readonly maxMemoryBytes?: number;
}

/** What a spool tells its owner. */
export interface SpoolListener {
  /** A record that waited was given up. */
  onDrop(reason: string, count: number): void;
  /** Records of a dead process are now in this spool. */
  onAdopt(count: number): void;
}

interface Entry {
  readonly parcel: Parcel;
  readonly bytes: number;
  held: boolean;
}

/** Where parcels wait for the far end to come back. */
export class Spool {
  private readonly entries = new Map<string, Entry>();
  private memoryBytes = 0;
  private readonly maxMemoryBytes: number;

  constructor(
    private readonly listener: SpoolListener,
    options: SpoolOptions = {},
  ) {
    this.maxMemoryBytes = options.maxMemoryBytes ?? MAX_MEMORY_BYTES;
  }

  /** How many records wait to be replayed. */
  get available(): number {
    let count = 0;
    for (const entry of this.entries.values()) if (!entry.held) count++;
    return count;
  }

  has(id: string): boolean {
    return this.entries.has(id);
  }

  append(parcel: Parcel, held: boolean): void {
    const bytes = parcelBytes(parcel);
    this.entries.set(parcel.id, { parcel, bytes, held });
    this.memoryBytes += bytes;
    while (this.memoryBytes > this.maxMemoryBytes) this.dropOldest();
  }

  release(id: string): void {
    const entry = this.entries.get(id);
    if (entry !== undefined) entry.held = false;
  }

  releaseAll(): number {
    let count = 0;
    for (const entry of this.entries.values()) {
      if (entry.held) count += entry.parcel.count;
      entry.held = false;
    }
    return count;
  }

  take(maxParcels: number, maxBytes: number): Parcel[] {
    const taken: Parcel[] = [];
    let bytes = 0;
    for (const entry of this.entries.values()) {
      if (entry.held) continue;
      if (taken.length >= maxParcels || (taken.length > 0 && bytes + entry.bytes > maxBytes)) break;
      taken.push(entry.parcel);
      bytes += entry.bytes;
    }
    return taken;
  }

  settle(ids: readonly string[]): void {
    for (const id of ids) this.remove(id);
  }

  adopt(): Promise<void> {
    return Promise.resolve();
  }

  close(): number {
    let lost = 0;
    for (const entry of this.entries.values()) if (!entry.held) lost += entry.parcel.count;
    this.entries.clear();
    return lost;
  }

  private remove(id: string): Entry | undefined {
    const entry = this.entries.get(id);
    if (entry === undefined) return undefined;
    this.entries.delete(id);
    this.memoryBytes -= entry.bytes;
    return entry;
  }

  private dropOldest(): void {
    let victim: string | undefined;
    for (const [id, entry] of this.entries) {
      victim ??= id;
      if (!entry.parcel.urgent) {
        victim = id;
        break;
      }
    }
    if (victim === undefined) return;
    const entry = this.remove(victim);
    if (entry !== undefined && !entry.held) this.listener.onDrop("spool_full", entry.parcel.count);
  }
}
