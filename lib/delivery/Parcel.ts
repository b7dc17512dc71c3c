/**
 * What delivery moves: something opaque with a count. For OTLP a whole request body with the spans in it,
 * for PostHog one event as JSON.
 */
export interface Parcel {
  /** Unique over processes and restarts; what the spool acknowledges by. */
  readonly id: string;
  /** Spans or events in it; what the ledger counts. */
  readonly count: number;
  /** Errors and session starts: dropped only when nothing else is left to drop. */
  readonly urgent: boolean;
  /** What is stored and, put together by the courier's `assemble`, posted. Text without line breaks is stored as it is. */
  readonly body: Uint8Array | string;
  /** Default `application/json`. */
  readonly contentType?: string;
}

/** The length of a parcel's body in bytes. */
export function parcelBytes(parcel: Parcel): number {
  return typeof parcel.body === "string" ? Buffer.byteLength(parcel.body) : parcel.body.byteLength;
}

/** The sum of what the parcels count. */
export function countOf(parcels: readonly Parcel[]): number {
  let count = 0;
  for (const parcel of parcels) count += parcel.count;
  return count;
}
