import type { ReceivedSpan } from "./ReceivedSpan.js";

interface Group {
  readonly resource: unknown;
  readonly scopeSpans: { readonly scope: unknown; readonly spans: unknown[] }[];
}

/** Received spans as an OTLP/JSON request again: what `parseOtlpTraces` reads back to the same spans. */
export function formatOtlpTraces(spans: Iterable<ReceivedSpan>): {
  readonly resourceSpans: readonly Group[];
} {
  const groups = new Map<string, Group>();
  for (const span of spans) {
    const key = JSON.stringify([span.resource, span.scope]);
    const group = groups.get(key) ?? {
      resource: { attributes: formatAttributes(span.resource) },
      scopeSpans: [{ scope: span.scope, spans: [] }],
    };
    groups.set(key, group);
    group.scopeSpans[0]?.spans.push(formatSpan(span));
  }
  return { resourceSpans: [...groups.values()] };
}

function formatSpan(span: ReceivedSpan): unknown {
  const {
    traceId,
    spanId,
    parentSpanId,
    name,
    kind,
    startTimeUnixNano,
    endTimeUnixNano,
    statusCode,
    statusMessage,
    flags,
    traceState,
  } = span;
  return {
    traceId,
    spanId,
    parentSpanId,
    name,
    kind,
    startTimeUnixNano,
    endTimeUnixNano,
    attributes: formatAttributes(span.attributes),
    events: span.events.map((event) => ({
      ...event,
      attributes: formatAttributes(event.attributes),
    })),
    links: span.links.map((link) => ({ ...link, attributes: formatAttributes(link.attributes) })),
    status: { code: statusCode, message: statusMessage },
    flags,
    traceState,
  };
}

function formatAttributes(attributes: Readonly<Record<string, unknown>>): readonly unknown[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: formatAnyValue(value) }));
}

function formatAnyValue(value: unknown): unknown {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number")
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(formatAnyValue) } };
  if (typeof value === "object" && value !== null)
    return { kvlistValue: { values: formatAttributes(value as Record<string, unknown>) } };
  return {};
}
