/** What the delivery queue moves: for OTLP a whole request body with the spans in it, for PostHog one event as JSON. */
export interface DeliveryRecord {
  /** Unique over processes and restarts; the disk queue acknowledges by it. */
  readonly id: string;
  /** Spans or events in it. */
  readonly count: number;
  /** Errors and session starts, which are dropped only when nothing else is left to drop. */
  readonly urgent: boolean;
  /** What is stored and, joined with others by the request format, sent. */
  readonly body: Uint8Array | string;
  /** Default {@link JSON_TYPE}. */
  readonly contentType?: string;
}

export const JSON_TYPE = "application/json";

/** How many spans or events the records hold together. */
export function countOf(records: readonly Pick<DeliveryRecord, "count">[]): number {
  return records.reduce((sum, { count }) => sum + count, 0);
}

/** A body as bytes, which are not copied. */
export function bytesOf(body: Uint8Array | string): Buffer {
  return typeof body === "string"
    ? Buffer.from(body)
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

/** Groups records so that each group fits one request of one content type; a record above the bound goes alone. */
export function groupRecords(
  records: readonly DeliveryRecord[],
  maxRecords: number,
  maxBytes: number,
): DeliveryRecord[][] {
  const groups: DeliveryRecord[][] = [];
  let group: DeliveryRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = Buffer.byteLength(record.body);
    const isFull = group.length >= maxRecords || bytes + size > maxBytes;
    if (group.length === 0 || isFull || record.contentType !== group[0]?.contentType) {
      groups.push((group = []));
      bytes = 0;
    }
    group.push(record);
    bytes += size;
  }
  return groups;
}
