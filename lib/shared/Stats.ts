/** One of the two ways in which telemetry is sent: PostHog events or OTLP spans. */
export type Pipe = "posthog" | "otlp";

/**
 * The counts of one pipe, in spans (`otlp`) or events (`posthog`). Each item is in exactly one state, and
 * `accepted === delivered + unknown + (sum of dropped) + spooled + pending` holds at every moment.
 */
export interface PipeStats {
  /** Handed to the pipe, including items adopted from the spool of a dead process. */
  readonly accepted: number;
  /** Acknowledged by the endpoint. */
  readonly delivered: number;
  /** How many of the delivered ones came from the spool rather than straight from memory. */
  readonly replayed: number;
  /**
   * The endpoint answered with success, but its reply does not say whether it took them. They are not sent again.
   * Absent while there are none.
   */
  readonly unknown?: number;
  /** Given up, by reason for dropping. */
  readonly dropped: Readonly<Record<string, number>>;
  /** On disk, waiting for the endpoint to answer again. */
  readonly spooled: number;
  /** In memory: queued or in flight. */
  readonly pending: number;
}

/** What `stats()` returns: the ledger of each pipe. */
export type Stats = Readonly<Record<Pipe, PipeStats>> & {
  /** How often each redaction rule has removed something; absent in a release build. */
  readonly redacted?: Readonly<Record<string, number>>;
};
