import type { ReceivedEvent } from "./ReceivedEvent.js";
import type { ReceivedSpan } from "./ReceivedSpan.js";
import type { ReceivedTrace } from "./ReceivedTrace.js";
import { asText } from "./jsonMembers.js";

const ERROR_STATUS = 2;

/** Puts the spans of one trace in order and says what is to be seen of them at a glance. */
export function summarizeTrace(
  traceId: string,
  received: Iterable<ReceivedSpan>,
  events: readonly ReceivedEvent[],
): ReceivedTrace {
  const spans = [...received].sort(byStart);
  const ids = new Set(spans.map((span) => span.spanId));
  const start = spans[0]?.startTimeMs ?? 0;
  const end = spans.reduce(
    (latest, span) => Math.max(latest, span.startTimeMs + span.durationMs),
    start,
  );
  const first = spans.find((span) => span.parentSpanId === undefined) ?? spans[0];
  return {
    traceId,
    name: first?.name ?? events[0]?.event ?? "",
    tiers: [...new Set(spans.map((span) => span.tier))],
    sessionIds: [
      ...new Set(
        spans.map((span) => asText(span.resource["session.id"])).filter((id) => id !== ""),
      ),
    ],
    spanCount: spans.length,
    eventCount: events.length,
    errorCount: spans.filter((span) => span.statusCode === ERROR_STATUS).length,
    startTimeMs: start,
    durationMs: end - start,
    spans,
    events,
    orphans: spans.filter((span) => span.parentSpanId !== undefined && !ids.has(span.parentSpanId)),
  };
}

function byStart(left: ReceivedSpan, right: ReceivedSpan): number {
  const difference = BigInt(left.startTimeUnixNano) - BigInt(right.startTimeUnixNano);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
