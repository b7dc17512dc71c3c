/** Attributes with their values as JSON holds them. */
export type ReceivedAttributes = Readonly<Record<string, unknown>>;

/** A span as it was received, with its values unpacked. All of it is the sender's data: show it as text only. */
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
  /** `land.tier` of the resource, else what follows `land-editor-` in its service name, else `land.` in the scope's, else the service name as it is, else `unknown`. */
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

/** An OTLP log record as it was received. All of it is the sender's data: show it as text only. */
export interface ReceivedLog {
  /** In lower case, or undefined for a record of no trace. */
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

/** A PostHog event as it was received. All of it is the sender's data: show it as text only. */
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

/** What a list of traces shows of each. */
export interface TraceSummary {
  readonly traceId: string;
  /** The name of the root span, else of the earliest span, else of the first event. */
  readonly name: string;
  /** The tiers that took part, ordered by their first span; those of the events while no span has come. */
  readonly tiers: readonly string[];
  readonly sessionIds: readonly string[];
  readonly spanCount: number;
  readonly eventCount: number;
  /** Errors, each counted once, however many spans it went through. */
  readonly errorCount: number;
  /** Spans that were cancelled. */
  readonly cancelledCount: number;
  /** Milliseconds since 1970 of the earliest start; of the earliest event while no span has come, 0 without either. */
  readonly startTimeMs: number;
  /** From the earliest start to the latest end. */
  readonly durationMs: number;
}

/** The spans and the events of one trace id. */
export interface ReceivedTrace extends TraceSummary {
  /** Ordered by start time. */
  readonly spans: readonly ReceivedSpan[];
  /** In the order of their arrival. */
  readonly events: readonly ReceivedEvent[];
  /** OTLP log records, in the order of their arrival. */
  readonly logs: readonly ReceivedLog[];
  /** Spans that name a parent which has not been received. */
  readonly orphans: readonly ReceivedSpan[];
}

/** OTLP's status code of a span that failed. */
export const ERROR_STATUS = 2;
