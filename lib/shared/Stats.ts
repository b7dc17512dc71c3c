/** One of the two ways in which telemetry is sent. */
export type Pipe = "posthog" | "otlp";

/**
 * The counts of one pipe, in spans (`otlp`) or events (`posthog`). The states exclude each other, and
 * `accepted === delivered + unknown + (sum of dropped) + spooled + pending` holds at every moment.
 */
export interface PipeStats {
  /** Handed to the pipe, including what was adopted from the spool of a dead process. */
  readonly accepted: number;
  /** The endpoint said that it took them. */
  readonly delivered: number;
  /** How many of the delivered came from the spool rather than straight from memory. */
  readonly replayed: number;
  /**
   * The endpoint answered with success, but in words that say neither that it took them nor that it did not. They are
   * not sent again. Absent while there are none.
   */
  readonly unknown?: number;
  /** Given up, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** On disk, waiting for the endpoint to answer again. */
  readonly spooled: number;
  /** In memory: queued or in flight. */
  readonly pending: number;
}

/** What `stats()` returns: the ledger of each pipe. */
export type Stats = Readonly<Record<Pipe, PipeStats>> & {
  /** How often each rule of redaction has taken something out; a release has none. */
  readonly redacted?: Readonly<Record<string, number>>;
};
