import type { DeliveryRecord } from "../../../../delivery/DeliveryRecord.js";
import { countOf } from "../../../../delivery/DeliveryRecord.js";
import type { DeliveryStats } from "../../../../delivery/DeliveryStats.js";
import { attempt } from "../../../../shared/attempt.js";
import { page } from "../../../page.js";
import { RecordShelf } from "../../../RecordShelf.js";
import { Buffer } from "../../Buffer.js";

/** Maximum bytes of all waiting records, each of which is in memory whether or not it is stored as well. */
const MAX_MEMORY_BYTES = 8 * 1024 * 1024;
/** A larger record is split; one that cannot be split is dropped. */
const MAX_RECORD_BYTES = 4 * 1024 * 1024;
/** A week, as for the spool on disk. */
const MAX_AGE_MS = 7 * 24 * 60 * 60 * 1_000;

export interface DiskQueueOptions {
  readonly maxAgeMs?: number;
  /** Names the pipe and its destination. Default: memory only. */
  readonly directory?: string;
  split?(record: DeliveryRecord): readonly DeliveryRecord[] | undefined;
}

interface Entry {
  readonly record: DeliveryRecord;
  readonly bytes: number;
  held: boolean;
}

/**
 * Where records wait in a browser. All are in memory; error and session events are also in localStorage before `append`
 * returns, others in IndexedDB, which takes longer. It has the members of Node's disk queue, which it replaces.
 */
export class DiskQueue {
  readonly #entries = new Map<string, Entry>();
  readonly #stats: Pick<DeliveryStats, "adopt" | "drop">;
  readonly #options: DiskQueueOptions;
  readonly #shelf: RecordShelf | undefined;
  #bytes = 0;
  #closed = false;

  constructor(stats: Pick<DeliveryStats, "adopt" | "drop">, options: DiskQueueOptions = {}) {
    this.#stats = stats;
    this.#options = options;
    const { directory } = options;
    this.#shelf = directory === undefined ? undefined : new RecordShelf(directory);
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  isWaiting(id: string): boolean {
    return this.#entries.get(id)?.held === false;
  }

  append(records: readonly DeliveryRecord[], held: boolean): void {
    for (const record of records) this.#add(record, held);
    if (this.#bytes <= MAX_MEMORY_BYTES) return;
    const entries = [...this.#entries.values()];
    // Sorting is stable, so ordinary records come before urgent ones, each oldest first.
    entries.sort((one, other) => Number(one.record.urgent) - Number(other.record.urgent));
    for (const entry of entries)
      if (this.#bytes > MAX_MEMORY_BYTES) this.#drop("spool_full", entry);
  }

  release(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.held = false;
    return entry !== undefined;
  }

  releaseAll(): readonly { readonly id: string; readonly count: number }[] {
    const held = [...this.#entries.values()].filter((entry) => entry.held);
    for (const entry of held) entry.held = false;
    return held.map(({ record }) => record);
  }

  take(maxRecords: number, maxBytes: number): DeliveryRecord[] {
    const taken: DeliveryRecord[] = [];
    let bytes = 0;
    for (const entry of this.#entries.values()) {
      if (entry.held) continue;
      if (taken.length >= maxRecords || (taken.length > 0 && bytes + entry.bytes > maxBytes)) break;
      taken.push(entry.record);
      bytes += entry.bytes;
    }
    return taken;
  }

  settle(ids: readonly string[]): void {
    for (const id of ids) {
      this.#bytes -= this.#entries.get(id)?.bytes ?? 0;
      if (this.#entries.delete(id)) this.#shelf?.remove(id);
    }
  }

  /** Takes over what windows and workers that are gone have left. */
  async adopt(isStopped: () => boolean = () => false): Promise<void> {
    const maxAgeMs = this.#options.maxAgeMs ?? MAX_AGE_MS;
    await this.#shelf?.adopt(maxAgeMs, (found) => {
      if (this.#closed || isStopped()) return false;
      const { record, reason } = found;
      // A window that was killed while adopting leaves both copies.
      if (this.#entries.has(record.id)) return true;
      this.#stats.adopt(record.count);
      if (reason === undefined) this.#insert(record, false);
      else this.#stats.drop(reason, record.count, "spooled");
      return true;
    });
  }

  endThread(): void {
    // Each worker has its own records.
  }

  dropUnwritten(): void {
    for (const entry of [...this.#entries.values()])
      if (this.#shelf?.has(entry.record.id) !== true) this.#drop("spool_unavailable", entry);
  }

  /** Leaves what is stored for the next window to adopt, and drops what is only in memory. */
  close(): void {
    this.#closed = true;
    this.dropUnwritten();
    this.#entries.clear();
    this.#bytes = 0;
    this.#shelf?.close();
  }

  #add(record: DeliveryRecord, held: boolean): void {
    const bytes = Buffer.byteLength(record.body);
    if (this.has(record.id)) {
      // The page is about to end, so the record is written to localStorage, which is synchronous.
      if (page.isHiding) this.#shelf?.put(record, true);
      return;
    }
    if (bytes > MAX_RECORD_BYTES) {
      if (held) return;
      const parts = attempt(() => this.#options.split?.(record)) ?? [];
      if (parts.length < 2 || countOf(parts) !== record.count)
        this.#stats.drop("too_large", record.count, "spooled");
      else for (const part of parts) this.#add(part, held);
      return;
    }
    this.#insert(record, held);
    this.#shelf?.put(record, record.urgent || page.isHiding);
  }

  #insert(record: DeliveryRecord, held: boolean): void {
    const bytes = Buffer.byteLength(record.body);
    this.#entries.set(record.id, { record, bytes, held });
    this.#bytes += bytes;
  }

  #drop(reason: string, { record, held }: Entry): void {
    this.settle([record.id]);
    if (!held) this.#stats.drop(reason, record.count, "spooled");
  }
}
