import type { ReceivedEvent } from "./ReceivedTrace.js";
import { ERROR_STATUS } from "./ReceivedTrace.js";
import type { TraceStore } from "./TraceStore.js";

/** The telemetry held, by tier, counted as the dashboards count it. */
export interface Overview {
  readonly tiers: readonly TierOverview[];
  /** The slowest first. */
  readonly handlers: readonly HandlerLatency[];
}

const SERVER_KIND = 2;
/** Maximum handlers and moments in a response: a plot could not distinguish more. */
const MAX_HANDLERS = 24;
const MAX_MOMENTS = 2_000;

/** Counts starts and errors by their events, and handlers by their SERVER spans and `handler:complete` events. */
export function overview(store: TraceStore): Overview {
  const tiers = new Map<string, TierOverview>();
  const handlers = new Map<string, Calls>();
  const spanIds = new Set<string | undefined>();
  const tallyOf = (tier: string): TierOverview => {
    const tally = tiers.get(tier) ?? new TierOverview(tier);
    tiers.set(tier, tally);
    return tally;
  };
  const call = (tier: string, name: string, points: readonly Point[], errors: number): void => {
    const key = JSON.stringify([tier, name]);
    const calls = handlers.get(key) ?? { tier, name, points: [], errors: 0 };
    handlers.set(key, calls);
    calls.points.push(...points);
    calls.errors += errors;
  };
  for (const { tier, name, kind, spanId, statusCode, durationMs, attributes } of store.spans()) {
    const tally = tallyOf(tier);
    const failed = statusCode === ERROR_STATUS;
    tally.spans++;
    if (failed) tally.errorSpans++;
    if (kind !== SERVER_KIND) continue;
    spanIds.add(spanId);
    const method = attributes["rpc.method"];
    const called = typeof method === "string" && method !== "" ? method : name;
    call(tier, called, [[durationMs, 1]], failed ? 1 : 0);
  }
  for (const event of store.events()) {
    const tier = event.tier ?? "unknown";
    tallyOf(tier).add(event);
    const { feature, duration_ms: duration } = event.properties;
    // A handler whose span was received is already counted.
    if (!event.event.endsWith(":handler:complete") || spanIds.has(event.spanId)) continue;
    if (typeof duration === "number")
      call(tier, typeof feature === "string" ? feature : event.event, ...runsOf(event, duration));
  }
  return {
    tiers: [...tiers.values()].sort((left, right) => (left.tier < right.tier ? -1 : 1)),
    handlers: [...handlers.values()]
      .map(latencyOf)
      .sort((left, right) => right.p95Ms - left.p95Ms)
      .slice(0, MAX_HANDLERS),
  };
}

/** The dashboards' figures for one tier. */
export class TierOverview {
  spans = 0;
  errorSpans = 0;
  events = 0;
  /** Events that name a trace. */
  tracedEvents = 0;
  /** `session:start` events. */
  starts = 0;
  /** `error` events. */
  errors = 0;
  /** The times of the first MAX_MOMENTS of each, in ms since 1970; events without a time are left out. */
  readonly startTimes: number[] = [];
  readonly errorTimes: number[] = [];

  constructor(readonly tier: string) {}

  add({ event, traceId, timestamp }: ReceivedEvent): void {
    this.events++;
    if (traceId !== undefined) this.tracedEvents++;
    const isStart = event.endsWith(":session:start");
    const isError = event.endsWith(":error");
    this.starts += isStart ? 1 : 0;
    this.errors += isError ? 1 : 0;
    const time = Date.parse(timestamp ?? "");
    const times = isStart ? this.startTimes : this.errorTimes;
    if ((isStart || isError) && Number.isFinite(time) && times.length < MAX_MOMENTS)
      times.push(time);
  }
}

/** Counts and latencies of one handler of a tier, named after its RPC method or the feature of its event. */
export type HandlerLatency = ReturnType<typeof latencyOf>;

/** A duration, and how many runs took that long. */
type Point = readonly [ms: number, runs: number];

interface Calls {
  readonly tier: string;
  readonly name: string;
  readonly points: Point[];
  errors: number;
}

/**
 * The runs of an event, and how many failed; a cancelled run is no error. For an event that aggregates runs, half count
 * as the median, those up to the 95th percentile as p95 and the rest as the maximum, so that no quantile is too small.
 */
function runsOf(
  { properties }: ReceivedEvent,
  duration: number,
): [points: readonly Point[], errors: number] {
  const { ok, cancelled, count, failures, p50_ms: p50, p95_ms: p95, max_ms: max } = properties;
  const numbers = [count, failures, p50, p95, max];
  if (!numbers.every((each): each is number => typeof each === "number"))
    return [[[duration, 1]], ok === false && cancelled !== true ? 1 : 0];
  const [runs = 0, failed = 0, median = 0, slow = 0, slowest = 0] = numbers;
  const upTo = (share: number): number => Math.floor(runs * share) + 1;
  return [
    [
      [median, upTo(0.5)],
      [slow, upTo(0.95) - upTo(0.5)],
      [slowest, runs - upTo(0.95)],
    ],
    failed,
  ];
}

function latencyOf({ tier, name, points, errors }: Calls) {
  const sorted = points.sort(([left], [right]) => left - right);
  const count = sorted.reduce((sum, [, runs]) => sum + runs, 0);
  const maxMs = sorted.at(-1)?.[0] ?? 0;
  const at = (share: number): number => {
    let left = Math.floor(count * share);
    return sorted.find(([, runs]) => (left -= runs) < 0)?.[0] ?? maxMs;
  };
  const [minMs, p50Ms, p95Ms] = [at(0), at(0.5), at(0.95)];
  return { tier, name, count, errors, minMs, p50Ms, p95Ms, maxMs };
}
