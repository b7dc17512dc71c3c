/** The unit of the delivery queue: for OTLP a whole request body of spans, for PostHog one event as JSON. */
export interface DeliveryRecord {
  /** Unique across processes and restarts; the disk queue's acknowledgements refer to it. */
  readonly id: string;
  /** Number of spans or events in it. */
  readonly count: number;
  /** True for errors and session starts, which are dropped only when nothing else is left to drop. */
  readonly urgent: boolean;
  /** The stored body; the request format joins it with others for sending. */
  readonly body: Uint8Array | string;
  /** Default {@link JSON_TYPE}. */
  readonly contentType?: string;
}

export const JSON_TYPE = "application/json";

/** The total number of spans or events in the records. */
export function countOf(records: readonly Pick<DeliveryRecord, "count">[]): number {
  return records.reduce((sum, { count }) => sum + count, 0);
}

/** A body as bytes; a body that is bytes already is not copied. */
export function bytesOf(body: Uint8Array | string): Buffer {
  return typeof body === "string"
    ? Buffer.from(body)
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

/** Groups records so that each group fits one request of one content type; a record above the limit is sent alone. */
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
