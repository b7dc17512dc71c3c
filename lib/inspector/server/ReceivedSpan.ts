/** Attributes with their values as JSON holds them. */
export type ReceivedAttributes = Readonly<Record<string, unknown>>;

/** A span as it was received, with its values unpacked. All of it is data of the sender: show it as text only. */
export interface ReceivedSpan {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  /** 16 lower-case hex digits, or undefined for a root. */
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** OTLP's numbers: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  /** `land.tier` of the resource, else what follows `land-editor-` in its service name, else `land.` in the scope's, else `unknown`. */
  readonly tier: string;
  /** Nanoseconds since 1970, in digits. */
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  /** Milliseconds since 1970. */
  readonly startTimeMs: number;
  readonly durationMs: number;
  /** OTLP's numbers: 0 unset, 1 ok, 2 error. */
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly attributes: ReceivedAttributes;
  readonly events: readonly ReceivedSpanEvent[];
  readonly links: readonly ReceivedSpanLink[];
  /** W3C trace flags and OTLP's two "remote" bits; undefined when not sent. */
  readonly flags: number | undefined;
  readonly traceState: string;
  readonly resource: ReceivedAttributes;
  readonly scope: ReceivedScope;
}

export interface ReceivedScope {
  readonly name: string;
  readonly version: string;
}

/** Something noted at one moment of a span, such as an exception. */
export interface ReceivedSpanEvent {
  readonly name: string;
  /** Nanoseconds since 1970, in digits. */
  readonly timeUnixNano: string;
  readonly attributes: ReceivedAttributes;
}

export interface ReceivedSpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: ReceivedAttributes;
}
