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

/** The length of a record's body in bytes. */
export function recordBytes({ body }: DeliveryRecord): number {
  return typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
}

/** How many spans or events the records hold together. */
export function countOf(records: readonly { readonly count: number }[]): number {
  return records.reduce((sum, { count }) => sum + count, 0);
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
    const size = recordBytes(record);
    if (
      group.length === 0 ||
      group.length >= maxRecords ||
      bytes + size > maxBytes ||
      record.contentType !== group[0]?.contentType
    ) {
      groups.push((group = []));
      bytes = 0;
    }
    group.push(record);
    bytes += size;
  }
  return groups;
}
