/** What the delivery queue moves: for OTLP a whole request body with the spans in it, for PostHog one event as JSON. */
export interface DeliveryRecord {
  /** Unique over processes and restarts; the disk queue acknowledges by it. */
  readonly id: string;
  /** Spans or events in it. */
  readonly count: number;
  /** Errors and session starts, which are dropped only when nothing else is left to drop. */
  readonly urgent: boolean;
  /** What is stored and, joined with others by the {@link RequestFormat}, sent. */
  readonly body: Uint8Array | string;
  /** Default `application/json`. */
  readonly contentType?: string;
}
