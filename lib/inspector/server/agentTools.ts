import type { ReceivedError } from "./findErrors.js";
import type { JsonObject } from "./jsonMembers.js";
import { asText } from "./jsonMembers.js";
import type { ReceivedSpan, TraceSummary } from "./ReceivedTrace.js";
import { ERROR_STATUS } from "./ReceivedTrace.js";
import { searchTraces } from "./searchTraces.js";
import type { SpanRow, TraceStore } from "./TraceStore.js";

/** Maximum items in an answer: an agent reads all of it, so it should narrow its question to see more. */
const MAX_ITEMS = 100;
/** Maximum spans of one trace: higher than for other answers, since a tree is only readable as a whole. */
const MAX_ROWS = 1_000;
/** A call counts as slower if its own time grew by more than both this factor and this many ms; less is noise. */
const SLOWER_BY = 1.5;
const SLOWER_BY_MS = 5;

/** A question that an agent can ask. The answer is JSON. */
export interface AgentTool {
  readonly name: string;
  readonly description: string;
  /** Descriptions of the arguments, by name. All arguments are strings. */
  readonly arguments: Readonly<Record<string, string>>;
  readonly required: readonly string[];
  answer(store: TraceStore, given: Readonly<Record<string, string>>): unknown;
}

const QUERY =
  "words, key=value pairs of attributes, and durations: `rpc.method=$read >100ms enoent`; every term has to match";

export const AGENT_TOOLS: readonly AgentTool[] = [
  {
    name: "list_errors",
    description:
      "All errors, the newest first, each once however many spans it went through: type, message, stack, causes, tier, its innermost span and the spans it went through. Start here.",
    arguments: {},
    required: [],
    answer: (store) => listErrors(store),
  },
  {
    name: "list_traces",
    description: "All traces, the newest first: name, tiers, sessions, spans, errors, duration.",
    arguments: {},
    required: [],
    answer: (store) => some(newestFirst(store)),
  },
  {
    name: "get_trace",
    description: "One trace: its spans in order of start, its errors, events and log records.",
    arguments: { trace: "the id of the trace" },
    required: ["trace"],
    answer: (store, { trace = "" }) => {
      const found = store.rows(trace.toLowerCase());
      return found && { ...found, rows: found.rows.slice(0, MAX_ROWS) };
    },
  },
  {
    name: "get_span",
    description: "One span with all its attributes, events, links and resource.",
    arguments: { trace: "the id of its trace", span: "its id" },
    required: ["trace", "span"],
    answer: (store, { trace = "", span = "" }) =>
      store.span(trace.toLowerCase(), span.toLowerCase()),
  },
  {
    name: "list_events",
    description: "PostHog's events, the newest first, as they were received.",
    arguments: { name: "only events whose name holds this" },
    required: [],
    answer: (store, { name = "" }) =>
      some(
        store
          .events()
          .toReversed()
          .filter(({ event }) => event.includes(name)),
      ),
  },
  {
    name: "search",
    description: "The spans that match a query, with their traces.",
    arguments: { query: QUERY, trace: "only in this trace" },
    required: ["query"],
    answer: (store, { query = "", trace }) => search(store, query, trace?.toLowerCase()),
  },
  {
    name: "compare_runs",
    description:
      "Two runs side by side by what was called, the largest change first: what only one of them did, how often, what failed, what began a trace of its own (roots), and what took longer by more than half, not counting child spans (ownMs).",
    arguments: {
      before: "a session id or a trace id",
      after: "a session id or a trace id",
    },
    required: ["before", "after"],
    answer: (store, { before = "", after = "" }) => compareRuns(store, before, after),
  },
];

function listErrors(store: TraceStore): unknown {
  return some(
    store.errors().map((error: ReceivedError) => {
      const { event, ...others } = error;
      const span = store.span(error.traceId ?? "", error.spanId ?? "");
      return { ...others, event: event?.event, attributes: span?.attributes };
    }),
  );
}

function newestFirst(store: TraceStore): readonly TraceSummary[] {
  return store.changesSince(0).traces.toSorted((a, b) => b.startTimeMs - a.startTimeMs);
}

function search(store: TraceStore, query: string, trace: string | undefined): unknown {
  const found = Object.entries(searchTraces(store, query, trace));
  const spans = found.flatMap(([traceId, spanIds]) =>
    spanIds.flatMap((spanId) => store.span(traceId, spanId) ?? []),
  );
  return {
    traces: found.map(([traceId]) => traceId).slice(0, MAX_ITEMS),
    spans: some(spans.map(row)),
  };
}

function row(span: ReceivedSpan): Partial<SpanRow> & { traceId: string; attributes: unknown } {
  const { traceId, spanId, parentSpanId, name, tier, durationMs, statusCode, attributes } = span;
  return { traceId, spanId, parentSpanId, name, tier, durationMs, statusCode, attributes };
}

/** The first items of a list, and the length of the whole list. */
function some<Item>(items: readonly Item[]): { total: number; items: readonly Item[] } {
  return { total: items.length, items: items.slice(0, MAX_ITEMS) };
}

/** The calls of one name in one run. */
class Calls {
  count = 0;
  errors = 0;
  /** How many of them began a trace. */
  roots = 0;
  readonly #durations: number[] = [];
  readonly #own: number[] = [];

  add({ durationMs, statusCode, parentSpanId }: ReceivedSpan, belowMs: number): void {
    this.count++;
    if (statusCode === ERROR_STATUS) this.errors++;
    if (parentSpanId === undefined) this.roots++;
    this.#durations.push(durationMs);
    this.#own.push(Math.max(0, durationMs - belowMs));
  }

  /** The counts and the median times. */
  summary(): Readonly<Record<"count" | "errors" | "roots" | "medianMs" | "ownMs", number>> {
    const { count, errors, roots } = this;
    return { count, errors, roots, medianMs: median(this.#durations), ownMs: median(this.#own) };
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function compareRuns(store: TraceStore, before: string, after: string): unknown {
  const [left, right] = [callsOf(store, before), callsOf(store, after)];
  const only = (mine: typeof left, other: typeof left): readonly object[] =>
    [...mine].flatMap(([name, calls]) => (other.has(name) ? [] : { name, ...calls.summary() }));
  const differences = [...left].flatMap(([name, calls]) => {
    const [was, is] = [calls.summary(), right.get(name)?.summary()];
    if (is === undefined) return [];
    const isSlower = is.ownMs > was.ownMs * SLOWER_BY && is.ownMs > was.ownMs + SLOWER_BY_MS;
    const counts = (["errors", "roots", "count"] as const).map((key) =>
      Math.abs(is[key] - was[key]),
    );
    const change = [...counts, isSlower ? is.ownMs - was.ownMs : 0];
    return change.some(Boolean) ? { name, before: was, after: is, change } : [];
  });
  const largestFirst = differences.toSorted(
    (a, b) => a.change.map((size, at) => (b.change[at] ?? 0) - size).find(Boolean) ?? 0,
  );
  return {
    onlyBefore: some(only(left, right)),
    onlyAfter: some(only(right, left)),
    differences: some(
      largestFirst.map(({ name, before: was, after: is }) => ({ name, before: was, after: is })),
    ),
  };
}

function callsOf(store: TraceStore, run: string): ReadonlyMap<string, Calls> {
  const calls = new Map<string, Calls>();
  const spans = [...store.spans()].filter(
    ({ traceId, resource }) => traceId === run.toLowerCase() || resource["session.id"] === run,
  );
  const below = new Map<string, number>();
  for (const { parentSpanId = "", durationMs } of spans)
    below.set(parentSpanId, (below.get(parentSpanId) ?? 0) + durationMs);
  for (const span of spans) {
    const name = `${span.tier}: ${span.name}`;
    const held = calls.get(name) ?? new Calls();
    calls.set(name, held);
    held.add(span, below.get(span.spanId) ?? 0);
  }
  return calls;
}

/** Returns the tool's answer; throws an Error that says why there is none. */
export function callTool(store: TraceStore, name: string, given: JsonObject): unknown {
  const tool = AGENT_TOOLS.find((each) => each.name === name);
  if (tool === undefined) throw new Error(`There is no tool ${JSON.stringify(name)}.`);
  const missing = tool.required.find((each) => asText(given[each]) === "");
  if (missing !== undefined) throw new Error(`${name} needs the string argument ${missing}.`);
  const texts = Object.keys(tool.arguments).flatMap((key) =>
    asText(given[key]) === "" ? [] : [[key, asText(given[key])] as const],
  );
  const answer = tool.answer(store, Object.fromEntries(texts));
  if (answer === undefined) throw new Error("Not found: it never arrived, or was evicted.");
  return answer;
}
