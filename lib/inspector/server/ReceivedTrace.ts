import type { ReceivedEvent } from "./ReceivedEvent.js";
import type { ReceivedSpan } from "./ReceivedSpan.js";

/** What a list of traces shows of one. */
export interface TraceSummary {
  readonly traceId: string;
  /** The name of the root span, else of the earliest span, else of the first event. */
  readonly name: string;
  /** The tiers that took part, by their first span. */
  readonly tiers: readonly string[];
  readonly sessionIds: readonly string[];
  readonly spanCount: number;
  readonly eventCount: number;
  /** Spans with error status. */
  readonly errorCount: number;
  /** Milliseconds since 1970 of the earliest start; 0 without spans. */
  readonly startTimeMs: number;
  /** From the earliest start to the latest end. */
  readonly durationMs: number;
}

/** The spans and the events of one trace id. */
export interface ReceivedTrace extends TraceSummary {
  /** By start time. */
  readonly spans: readonly ReceivedSpan[];
  /** In the order of their arrival. */
  readonly events: readonly ReceivedEvent[];
  /** Spans that name a parent which has not been received. */
  readonly orphans: readonly ReceivedSpan[];
}
