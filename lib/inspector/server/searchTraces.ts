import type { TraceStore } from "./TraceStore.js";

/** Ids of the matching spans by trace. An empty list means that only events or logs without a span matched. */
export type SearchResult = Readonly<Record<string, readonly string[]>>;

/** Maximum spans in a result: the page could not show more. */
const MAX_FOUND = 20_000;
/** How many levels of nested values are searched. */
const MAX_DEPTH = 8;

const UNITS: Readonly<Record<string, number>> = {
  us: 0.001,
  µs: 0.001,
  ms: 1,
  s: 1_000,
  min: 60_000,
};
const RANGE = /^(?:([\d.]+)(us|µs|ms|s|min))?\.\.(?:([\d.]+)(us|µs|ms|s|min))?$/;
const BOUND = /^([<>])([\d.]+)(us|µs|ms|s|min)$/;
const PAIR = /^([\w$.-]+)=(\S+)$/;

/** A parsed query, such as `rpc.method=$read >10ms enoent`. All parts must match. */
interface Query {
  /** Everything that is neither a pair nor a duration, as one string. */
  readonly text: string;
  readonly pairs: readonly (readonly [key: string, value: string])[];
  readonly minMs: number;
  readonly maxMs: number;
}

/** Parses `key=value`, `>10ms`, `<1s` and `10ms..1s`; the rest is one string to find, including its spaces. */
export function parseQuery(query: string): Query {
  const pairs: (readonly [string, string])[] = [];
  let [minMs, maxMs] = [-Infinity, Infinity];
  const toMs = (digits: string | undefined, unit = "ms", none = 0): number =>
    digits === undefined ? none : Number(digits) * (UNITS[unit] ?? 1);
  const words = query
    .toLowerCase()
    .split(/(\s+)/)
    .filter((word) => {
      const [, key, value = ""] = PAIR.exec(word) ?? [];
      const [, sign, bound, unit] = BOUND.exec(word) ?? [];
      const range = RANGE.exec(word);
      if (key !== undefined) pairs.push([key, value]);
      else if (sign === ">") minMs = toMs(bound, unit);
      else if (sign === "<") maxMs = toMs(bound, unit);
      else if (range !== null && word !== "..") {
        minMs = toMs(range[1], range[2]);
        maxMs = toMs(range[3], range[4], Infinity);
      } else return true;
      return false;
    });
  return { text: words.join("").trim(), pairs, minMs, maxMs };
}

/**
 * Finds the spans whose ids, name, tier, status message, attributes or events match a query, ignoring case, and the
 * traces whose PostHog events or log records match.
 */
export function searchTraces(store: TraceStore, query: string, traceId?: string): SearchResult {
  const { text: wanted, pairs, minMs, maxMs } = parseQuery(query);
  const isTimed = minMs > -Infinity || maxMs < Infinity;
  // A pair matches an attribute, or a string that contains it literally, such as a URL.
  const fits = (searched: readonly unknown[], ...records: readonly object[]): boolean =>
    holds(searched, wanted, MAX_DEPTH) &&
    pairs.every(
      ([key, value]) =>
        holds(searched, `${key}=${value}`, MAX_DEPTH) ||
        records
          .flatMap((record) => Object.entries(record))
          .some(([name, member]) => name.toLowerCase() === key && holds(member, value, MAX_DEPTH)),
    );
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
    const { name, tier, spanId, statusMessage, attributes, events, resource, durationMs } = span;
    const ofEvents = events.map((event) => event.attributes);
    const searched = [name, tier, spanId, span.traceId, statusMessage, attributes, events];
    const inTime = durationMs >= minMs && durationMs <= maxMs;
    if (inTime && fits(searched, { name, tier }, attributes, resource, ...ofEvents))
      add(span.traceId, spanId);
    if (count >= MAX_FOUND) break;
  }
  // Events and log records have no duration.
  if (isTimed) return Object.fromEntries(found);
  const isWanted = (id: string | undefined): id is string =>
    id !== undefined && (traceId === undefined || id === traceId);
  for (const { event, distinctId, properties, traceId: id, spanId } of store.events()) {
    if (isWanted(id) && fits([event, distinctId, properties], properties)) add(id, spanId);
  }
  for (const { traceId: id, spanId, body, attributes, severity } of store.logs())
    if (isWanted(id) && fits([body, severity, attributes], attributes)) add(id, spanId);
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
