/** Attributes, with their values as in JSON. */
export type ReceivedAttributes = Readonly<Record<string, unknown>>;

/** A span as received, with its values unwrapped. All of it is the sender's data: show it only as text. */
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
  /**
   * `land.tier` of the resource, else what follows `land-editor-` in its service name or `land.` in the scope name,
   * else the service name, else `unknown`.
   */
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

/** Something that happened at one moment of a span, such as an exception. */
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

/** An OTLP log record as received. All of it is the sender's data: show it only as text. */
export interface ReceivedLog {
  /** In lower case; undefined for a record without a trace. */
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly tier: string;
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  /** The severity in words, or OTLP's number for it. */
  readonly severity: string;
  readonly body: unknown;
  readonly attributes: ReceivedAttributes;
  readonly resource: ReceivedAttributes;
}

/** A PostHog event as received. All of it is the sender's data: show it only as text. */
export interface ReceivedEvent {
  readonly event: string;
  readonly distinctId: string;
  /** The key of the project that it was sent to. */
  readonly apiKey: string;
  readonly uuid: string | undefined;
  /** As sent, usually in ISO 8601. */
  readonly timestamp: string | undefined;
  /** The property `$tier`, if it is set. */
  readonly tier: string | undefined;
  /** The property `$trace_id` in lower case, if it is 32 hex digits. */
  readonly traceId: string | undefined;
  /** The property `$span_id` in lower case, if it is 16 hex digits. */
  readonly spanId: string | undefined;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** What a list of traces shows about each trace. */
export interface TraceSummary {
  readonly traceId: string;
  /** The name of the root span, else of the earliest span, else of the first event. */
  readonly name: string;
  /** The tiers of the spans in order of start, then of the log records; of the events too until a span has arrived. */
  readonly tiers: readonly string[];
  readonly sessionIds: readonly string[];
  readonly spanCount: number;
  readonly eventCount: number;
  /** Errors, each counted once however many spans it passed through. */
  readonly errorCount: number;
  /** Spans that were cancelled. */
  readonly cancelledCount: number;
  /** Earliest start in ms since 1970; of the earliest event until a span has arrived, 0 without either. */
  readonly startTimeMs: number;
  /** From the earliest start to the latest end. */
  readonly durationMs: number;
}

/** The spans and the events of one trace id. */
export interface ReceivedTrace extends TraceSummary {
  /** Ordered by start time. */
  readonly spans: readonly ReceivedSpan[];
  /** In order of arrival. */
  readonly events: readonly ReceivedEvent[];
  /** OTLP log records, in order of arrival. */
  readonly logs: readonly ReceivedLog[];
  /** Spans whose parent has not been received. */
  readonly orphans: readonly ReceivedSpan[];
}

/** OTLP's status code of a span that failed. */
export const ERROR_STATUS = 2;
