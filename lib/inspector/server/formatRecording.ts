import type { ReceivedEvent } from "./ReceivedEvent.js";
import type { TraceStore } from "./TraceStore.js";
import { formatOtlpTraces } from "./formatOtlpTraces.js";

/** Events of one line; PostHog's own batches have as many at most. */
const EVENTS_PER_LINE = 100;

/**
 * What is held as a recording, line by line: the format that `Record=1` writes, so that either is opened by the
 * same means. One line for the spans of each trace, one for up to a hundred events.
 */
export function* formatRecording(store: TraceStore, traceId?: string): Generator<string> {
  const time = new Date().toISOString();
  const line = (pipe: string, body: unknown): string =>
    `${JSON.stringify({ time, pipe, pid: process.pid, body: JSON.stringify(body) })}\n`;
  for (const { traceId: id, spanCount } of store.changesSince(0).traces) {
    if ((traceId === undefined || id === traceId) && spanCount > 0)
      yield line("otlp", formatOtlpTraces(store.spans(id)));
  }
  const batches = groupByKey(store.events(), traceId);
  for (const [apiKey, events] of batches) {
    for (let from = 0; from < events.length; from += EVENTS_PER_LINE) {
      yield line("posthog", {
        api_key: apiKey,
        batch: events.slice(from, from + EVENTS_PER_LINE).map(formatEvent),
      });
    }
  }
}

function groupByKey(
  events: readonly ReceivedEvent[],
  traceId: string | undefined,
): Map<string, ReceivedEvent[]> {
  const groups = new Map<string, ReceivedEvent[]>();
  for (const event of events) {
    if (traceId !== undefined && event.traceId !== traceId) continue;
    const group = groups.get(event.apiKey) ?? [];
    groups.set(event.apiKey, group);
    group.push(event);
  }
  return groups;
}

function formatEvent({ event, distinctId, uuid, timestamp, properties }: ReceivedEvent): unknown {
  return { event, distinct_id: distinctId, uuid, timestamp, properties };
}
