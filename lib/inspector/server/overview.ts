import type { ReceivedEvent } from "./ReceivedEvent.js";
import type { ReceivedSpan } from "./ReceivedSpan.js";
import type { TraceStore } from "./TraceStore.js";

/** One way in which the handlers of a tier were called. */
export interface HandlerLatency {
  readonly tier: string;
  /** The method, or the feature that its event names. */
  readonly name: string;
  readonly count: number;
  readonly errors: number;
  readonly minMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

/** What the dashboards show of one tier. */
export interface TierOverview {
  readonly tier: string;
  readonly spans: number;
  readonly errorSpans: number;
  readonly events: number;
  /** Events that name a trace. */
  readonly tracedEvents: number;
  /** Times of `session:start` events, in ms since 1970. */
  readonly starts: readonly number[];
  /** Times of `error` events. */
  readonly errors: readonly number[];
}

/** The held telemetry by tier, as the dashboards count it. */
export interface Overview {
  readonly tiers: readonly TierOverview[];
  /** The slowest first. */
  readonly handlers: readonly HandlerLatency[];
}

const SERVER_KIND = 2;
const ERROR_STATUS = 2;
/** Handlers and moments that an answer has at most: more cannot be told apart in a plot. */
const MAX_HANDLERS = 60;
const MAX_MOMENTS = 2_000;

type Tally = {
  -readonly [name in keyof TierOverview]: TierOverview[name] extends readonly number[]
    ? number[]
    : TierOverview[name];
};

interface Calls {
  readonly tier: string;
  readonly name: string;
  readonly durations: number[];
  errors: number;
}

/** Counts what is held: starts and errors by their events, handlers by their SERVER spans and `handler:complete` events. */
export function overview(store: TraceStore): Overview {
  const tiers = new Map<string, Tally>();
  const handlers = new Map<string, Calls>();
  const spanIds = new Set<string>();
  const tierOf = (tier: string): Tally => {
    const tally = tiers.get(tier) ?? {
      tier,
      spans: 0,
      errorSpans: 0,
      events: 0,
      tracedEvents: 0,
      starts: [],
      errors: [],
    };
    tiers.set(tier, tally);
    return tally;
  };
  const call = (tier: string, name: string, durationMs: number, failed: boolean): void => {
    const key = JSON.stringify([tier, name]);
    const calls = handlers.get(key) ?? { tier, name, durations: [], errors: 0 };
    handlers.set(key, calls);
    calls.durations.push(durationMs);
    if (failed) calls.errors++;
  };
  for (const span of store.spans()) {
    const tally = tierOf(span.tier);
    const failed = span.statusCode === ERROR_STATUS;
    tally.spans++;
    if (failed) tally.errorSpans++;
    if (span.kind !== SERVER_KIND) continue;
    spanIds.add(span.spanId);
    call(span.tier, methodOf(span), span.durationMs, failed);
  }
  for (const event of store.events())
    countEvent(
      event,
      tierOf(event.tier ?? "unknown"),
      (...of) => spanIds.has(event.spanId ?? "") || call(...of),
    );
  return {
    tiers: [...tiers.values()].sort((left, right) => (left.tier < right.tier ? -1 : 1)),
    handlers: [...handlers.values()]
      .map(latencyOf)
      .sort((left, right) => right.p95Ms - left.p95Ms)
      .slice(0, MAX_HANDLERS),
  };
}

function countEvent(
  { event, traceId, timestamp, properties }: ReceivedEvent,
  tally: Tally,
  call: (tier: string, name: string, durationMs: number, failed: boolean) => unknown,
): void {
  tally.events++;
  if (traceId !== undefined) tally.tracedEvents++;
  const time = Date.parse(timestamp ?? "");
  if (event.endsWith(":session:start") && tally.starts.length < MAX_MOMENTS)
    tally.starts.push(time);
  if (event.endsWith(":error") && tally.errors.length < MAX_MOMENTS) tally.errors.push(time);
  const { feature, duration_ms: duration, ok } = properties;
  if (event.endsWith(":handler:complete") && typeof duration === "number")
    call(tally.tier, typeof feature === "string" ? feature : event, duration, ok === false);
}

function methodOf({ name, attributes }: ReceivedSpan): string {
  const method = attributes["rpc.method"];
  return typeof method === "string" && method !== "" ? method : name;
}

function latencyOf({ tier, name, durations, errors }: Calls): HandlerLatency {
  const sorted = durations.sort((left, right) => left - right);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    tier,
    name,
    count: sorted.length,
    errors,
    minMs: at(0),
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    maxMs: at(1),
  };
}
