import type { TraceStore } from "./TraceStore.js";

/** What a search found: spans by trace. An empty list means that only events of the trace fit. */
export type SearchResult = Readonly<Record<string, readonly string[]>>;

/** Spans that an answer names at most: a page has nothing to show for more. */
const MAX_FOUND = 20_000;
/** Levels of values that are looked into. */
const MAX_DEPTH = 8;

/**
 * Finds the spans whose ids, name, status message, attributes or events hold a text, whatever its case, and the
 * traces whose PostHog events do.
 */
export function searchTraces(store: TraceStore, text: string, traceId?: string): SearchResult {
  const wanted = text.toLowerCase();
  const found = new Map<string, string[]>();
  let count = 0;
  const add = (id: string, spanId: string | undefined): void => {
    const list = found.get(id) ?? [];
    found.set(id, list);
    if (spanId === undefined || count >= MAX_FOUND) return;
    list.push(spanId);
    count++;
  };
  for (const span of store.spans(traceId)) {
    const { name, tier, spanId, statusMessage, attributes, events } = span;
    const searched = [name, tier, spanId, statusMessage, attributes, events];
    if (span.traceId === wanted || holds(searched, wanted, MAX_DEPTH)) add(span.traceId, spanId);
    if (count >= MAX_FOUND) break;
  }
  for (const { event, distinctId, properties, traceId: id, spanId } of store.events()) {
    if (id === undefined || (traceId !== undefined && id !== traceId)) continue;
    if (holds([event, distinctId, properties], wanted, MAX_DEPTH)) add(id, spanId);
  }
  return Object.fromEntries(found);
}

function holds(value: unknown, wanted: string, depth: number): boolean {
  if (typeof value === "string") return value.toLowerCase().includes(wanted);
  if (typeof value === "number" || typeof value === "boolean")
    return String(value).includes(wanted);
  if (typeof value !== "object" || value === null || depth === 0) return false;
  if (Array.isArray(value)) return value.some((member) => holds(member, wanted, depth - 1));
  return Object.entries(value).some(
    ([key, member]) => key.toLowerCase().includes(wanted) || holds(member, wanted, depth - 1),
  );
}
