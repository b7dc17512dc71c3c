/** A PostHog event on its way out: complete, and not yet redacted. */
export interface MirrorEvent {
  readonly event: string;
  readonly distinctId: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** ISO 8601; of the span's end, or of the call. */
  readonly timestamp: string;
  /** Its identity: the server joins events that carry the same one. */
  readonly uuid: string;
  /** Error and session events are on disk before the call returns, and are the last to be dropped. */
  readonly urgent: boolean;
}

/** Where mirrored events go. */
export interface EventSink {
  /** Whether an event of this name may be sent now, or is held back by the throttle (and counted as such). */
  admit(event: string, fingerprint: string | undefined): boolean;
  /** Takes an event that was admitted. Never throws. */
  send(event: MirrorEvent): void;
}
