/** On disk by default: 100,000 spans that end in one tick fit, some 70 MB of them. */
export const MAX_SPOOL_BYTES = 128 * 1024 * 1024;
/** Kept by default, in ms: a week offline. */
export const MAX_SPOOL_AGE_MS = 7 * 24 * 60 * 60_000;
/** What the memory may hold when no disk takes it: some 10,000 events or 30 batches of spans. */
export const MAX_MEMORY_BYTES = 8 * 1024 * 1024;
/** A record above this is not kept: replaying it would take this much memory. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024;
/** Short records are written together up to this many bytes; more would not be faster. */
export const MAX_GROUP_BYTES = 256 * 1024;
/** Larger parcels are written one by one, in bytes. */
export const MAX_GROUPED_BYTES = 16 * 1024;
/** Segments a spool is cut into at least, so that making room drops little at a time. */
export const MIN_SEGMENTS = 8;
/** Segments with records in them are touched this often, in ms; well within `FOREIGN_IDLE_MS`. */
export const TOUCH_MS = 10 * 60_000;

/** All optional. */
export interface SpoolOptions {
  /** Where the segments of this pipe and destination are (see `spoolDirectory`). A function is asked when it is needed. Default: memory only. */
  readonly directory?: string | (() => string);
  /** Bytes on disk. Default {@link MAX_SPOOL_BYTES}. */
  readonly maxBytes?: number;
  /** Older records are dropped, in ms. Default {@link MAX_SPOOL_AGE_MS}. */
  readonly maxAgeMs?: number;
  /** Bytes in memory, when no disk takes them. Default {@link MAX_MEMORY_BYTES}. */
  readonly maxMemoryBytes?: number;
}

/** The bounds of a spool: the given ones, else the defaults. */
export function limitsOf(options: SpoolOptions): Required<Omit<SpoolOptions, "directory">> {
  return {
    maxBytes: options.maxBytes ?? MAX_SPOOL_BYTES,
    maxAgeMs: options.maxAgeMs ?? MAX_SPOOL_AGE_MS,
    maxMemoryBytes: options.maxMemoryBytes ?? MAX_MEMORY_BYTES,
  };
}

/** What a spool tells its owner. */
export interface SpoolListener {
  /** Something that waited was given up. Not told of held records, which are in someone's memory still. */
  onDrop(reason: string, count: number): void;
  /** What a dead process left is now in this spool. */
  onAdopt(count: number): void;
}
