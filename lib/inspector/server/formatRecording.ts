import type { ReceivedSpan } from "./ReceivedTrace.js";
import type { TraceStore } from "./TraceStore.js";

/** Maximum events in one line, as in the PostHog pipe's own batches. */
const EVENTS_PER_LINE = 100;

/**
 * Formats what is held as a recording, line by line, in the format that `Record=1` writes, so that the same reader
 * opens both. One line holds the spans of one trace, or up to a hundred events.
 */
export function* formatRecording(store: TraceStore, traceId?: string): Generator<string> {
  const time = new Date().toISOString();
  const line = (pipe: string, body: unknown): string =>
    `${JSON.stringify({ time, pipe, pid: process.pid, body: JSON.stringify(body) })}\n`;
  for (const id of traceIds(store, traceId)) {
    const resourceSpans = formatSpans(store.spans(id));
    if (resourceSpans.length > 0) yield line("otlp", { resourceSpans });
  }
  const byKey = new Map<string, unknown[]>();
  for (const event of store.events()) {
    if (traceId !== undefined && event.traceId !== traceId) continue;
    const events = byKey.get(event.apiKey) ?? [];
    byKey.set(event.apiKey, events);
    const { event: name, distinctId, uuid, timestamp, properties } = event;
    events.push({ event: name, distinct_id: distinctId, uuid, timestamp, properties });
  }
  for (const [apiKey, events] of byKey) {
    for (let from = 0; from < events.length; from += EVENTS_PER_LINE) {
      const batch = events.slice(from, from + EVENTS_PER_LINE);
      yield line("posthog", { api_key: apiKey, batch });
    }
  }
}

/** Formats the spans, without events, as one OTLP/JSON request in pieces, for other viewers and the Collector. */
export function* formatOtlpRecording(store: TraceStore, traceId?: string): Generator<string> {
  let before = '{"resourceSpans":[';
  for (const id of traceIds(store, traceId)) {
    for (const group of formatSpans(store.spans(id))) {
      yield before + JSON.stringify(group);
      before = ",\n";
    }
  }
  yield before.startsWith("{") ? `${before}]}\n` : "]}\n";
}

function traceIds(store: TraceStore, traceId: string | undefined): readonly string[] {
  if (traceId !== undefined) return [traceId];
  return store.changesSince(0).traces.map((trace) => trace.traceId);
}

interface ResourceSpans {
  readonly resource: unknown;
  readonly scopeSpans: readonly [{ readonly scope: unknown; readonly spans: unknown[] }];
}

/** The `resourceSpans` of an OTLP/JSON request that parses back to the same spans. */
function formatSpans(spans: Iterable<ReceivedSpan>): readonly ResourceSpans[] {
  const groups = new Map<string, ResourceSpans>();
  for (const span of spans) {
    const key = JSON.stringify([span.resource, span.scope]);
    const group = groups.get(key) ?? {
      resource: { attributes: formatAttributes(span.resource) },
      scopeSpans: [{ scope: span.scope, spans: [] }],
    };
    groups.set(key, group);
    group.scopeSpans[0].spans.push(formatSpan(span));
  }
  return [...groups.values()];
}

function formatSpan(span: ReceivedSpan): unknown {
  const withList = (of: Pick<ReceivedSpan, "attributes">): unknown => ({
    ...of,
    attributes: formatAttributes(of.attributes),
  });
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: span.startTimeUnixNano,
    endTimeUnixNano: span.endTimeUnixNano,
    attributes: formatAttributes(span.attributes),
    events: span.events.map(withList),
    links: span.links.map(withList),
    status: { code: span.statusCode, message: span.statusMessage },
    flags: span.flags,
    traceState: span.traceState,
  };
}

function formatAttributes(attributes: object): readonly unknown[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: formatAnyValue(value) }));
}

function formatAnyValue(value: unknown): unknown {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number")
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(formatAnyValue) } };
  if (typeof value === "object" && value !== null)
    return { kvlistValue: { values: formatAttributes(value) } };
  return {};
}
