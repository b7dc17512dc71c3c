/** What a receiver has seen since it was started. */
export interface InspectorCounts {
  /** Connections accepted, whether or not a request came over them. */
  readonly connections: number;
  /** Connections open now. */
  readonly openConnections: number;
  /** Connections closed because there were more than `maxConnections`. */
  readonly evictedConnections: number;
  /** Requests answered, of any kind and status. */
  readonly requests: number;
  /** Different spans taken in. */
  readonly spans: number;
  /** Different events taken in. */
  readonly events: number;
  /** Spans that came again with the same trace and span id; the first is kept. */
  readonly duplicateSpans: number;
  /** Events that came again with the same name, distinct id and uuid; the first is kept. */
  readonly duplicateEvents: number;
  /** Spans that could not be read, or that alone were more than the receiver may hold. */
  readonly rejectedSpans: number;
  /** Traces forgotten to stay within the limits. */
  readonly evictedTraces: number;
  /** Spans forgotten with their traces. */
  readonly evictedSpans: number;
  /** Events forgotten, with their traces or by themselves. */
  readonly evictedEvents: number;
}
