import type { SpanContext } from "@opentelemetry/api";
import { QuantileSketch } from "./QuantileSketch.js";

/** How long the runs of a feature are gathered into one event, in ms. */
export const COMPLETION_WINDOW_MS = 10_000;
/** Window of the rate, in ms. */
const RATE_WINDOW_MS = 1_000;
/** Features that are counted separately, more than an extension host has methods; further ones share one name. */
const MAX_FEATURES = 1_000;
const FURTHER_FEATURES = "*";

/** A finished run of a handler. */
export interface HandlerRun {
  /** The event's name, `land:<tier>:handler:complete`. */
  readonly event: string;
  readonly tier: string;
  readonly feature: string;
  readonly durationMs: number;
  readonly ok: boolean;
  readonly cancelled: boolean;
  readonly span: SpanContext | undefined;
}

/** The runs of one feature, as one event. */
export interface GatheredRuns {
  readonly event: string;
  readonly tier: string;
  /** The span of the slowest run. */
  readonly span: SpanContext | undefined;
  readonly count: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

interface Gathering {
  readonly durations: QuantileSketch;
  slowest: HandlerRun;
  failures: number;
  cancelled: number;
}

/**
 * Limits the events of handlers that are called often. Up to a number of runs per second are events of their own; the
 * rest are gathered by feature, so that events stay few and a chart of latencies, weighted by `count`, has every run.
 */
export class HandlerCompletions {
  readonly #perSecond: number;
  readonly #now: () => number;
  readonly #gatherings = new Map<string, Gathering>();
  #rateStart = Number.NEGATIVE_INFINITY;
  #inRate = 0;
  #start = 0;

  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** Whether a run becomes an event of its own; otherwise it is gathered. */
  admit(run: HandlerRun): boolean {
    const now = this.#now();
    if (now - this.#rateStart >= RATE_WINDOW_MS) {
      this.#rateStart = now;
      this.#inRate = 0;
    }
    this.#inRate += 1;
    if (this.#inRate <= this.#perSecond) return true;
    if (this.#gatherings.size === 0) this.#start = now;
    this.#gather(run);
    return false;
  }

  /** The runs gathered since the last call. */
  take(): readonly GatheredRuns[] {
    const windowMs = Math.round(this.#now() - this.#start);
    const gathered = [...this.#gatherings.values()].map((each) => gatheredRuns(each, windowMs));
    this.#gatherings.clear();
    return gathered;
  }

  #gather(run: HandlerRun): void {
    const { event, tier } = run;
    const keyOf = (feature: string): string => JSON.stringify([event, tier, feature]);
    const own = keyOf(run.feature);
    const isKept = this.#gatherings.size < MAX_FEATURES || this.#gatherings.has(own);
    const kept = isKept ? run : { ...run, feature: FURTHER_FEATURES };
    const key = isKept ? own : keyOf(FURTHER_FEATURES);
    const gathering = this.#gatherings.get(key) ?? {
      durations: new QuantileSketch(),
      slowest: kept,
      failures: 0,
      cancelled: 0,
    };
    this.#gatherings.set(key, gathering);
    gathering.durations.add(run.durationMs);
    if (run.durationMs > gathering.slowest.durationMs) gathering.slowest = kept;
    if (run.cancelled) gathering.cancelled += 1;
    else if (!run.ok) gathering.failures += 1;
  }
}

function gatheredRuns(
  { durations, slowest, failures, cancelled }: Gathering,
  windowMs: number,
): GatheredRuns {
  const { event, tier, span, feature } = slowest;
  const { count, sum, max } = durations;
  const median = durations.quantile(0.5);
  return {
    event,
    tier,
    span,
    count,
    properties: {
      feature,
      // For consumers that know only single runs.
      duration_ms: median,
      ok: failures === 0,
      count,
      failures,
      cancelled,
      sum_ms: sum,
      p50_ms: median,
      p95_ms: durations.quantile(0.95),
      max_ms: max,
      window_ms: windowMs,
    },
  };
}
