/** A PostHog event as it was received. All of it is data of the sender: show it as text only. */
export interface ReceivedEvent {
  readonly event: string;
  readonly distinctId: string;
  /** The key of the project it was sent to. */
  readonly apiKey: string;
  readonly uuid: string | undefined;
  /** As it was sent, usually ISO 8601. */
  readonly timestamp: string | undefined;
  /** `$tier`, when there is one. */
  readonly tier: string | undefined;
  /** `$trace_id` in lower case, when it is 32 hex digits. */
  readonly traceId: string | undefined;
  /** `$span_id` in lower case, when it is 16 hex digits. */
  readonly spanId: string | undefined;
  readonly properties: Readonly<Record<string, unknown>>;
}
