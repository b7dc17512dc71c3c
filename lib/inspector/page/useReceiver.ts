import { useEffect, useRef, useState } from "preact/hooks";
import type { Overview } from "../server/overview.js";
import type { ReceivedError } from "../server/findErrors.js";
import type { Changes } from "../server/answerQuestion.js";
import type { ReceivedEvent, TraceSummary } from "../server/ReceivedTrace.js";
import type { SearchResult } from "../server/searchTraces.js";
import type { TraceRows } from "../server/TraceStore.js";

/** What the page shows, and so requests from the receiver. */
export interface Wanted {
  readonly view: "traces" | "tiers" | "events" | "errors";
  readonly traceId: string;
  /** The search query. */
  readonly text: string;
  /** Whether updates are paused. */
  readonly paused: boolean;
}

/** The page's copy of what the receiver holds. */
export interface Held {
  readonly revision: number;
  readonly removals: number;
  readonly traces: ReadonlyMap<string, TraceSummary>;
  readonly newestFirst: readonly TraceSummary[];
  /** The wanted trace, else the newest. */
  readonly trace: TraceRows | undefined;
  /** Undefined while there is no search query. */
  readonly found: SearchResult | undefined;
  /** This and the next two: as of when their view was last shown. */
  readonly events: readonly ReceivedEvent[];
  readonly errors: readonly ReceivedError[];
  readonly overview: Overview | undefined;
  /** Counts, including those of evicted items, and refused requests. */
  readonly lost: Pick<Changes, "counts" | "refusals"> | undefined;
  /** The scheme of links to files. */
  readonly editor: string;
}

const NOTHING: Held = {
  revision: 0,
  removals: 0,
  traces: new Map(),
  newestFirst: [],
  trace: undefined,
  found: undefined,
  events: [],
  errors: [],
  overview: undefined,
  lost: undefined,
  editor: "vscode",
};

/** Follows the receiver. `live` is false while it is unreachable, undefined before the first connection. */
export function useReceiver(wanted: Wanted): { held: Held; live: boolean | undefined } {
  const [held, setHeld] = useState(NOTHING);
  const [live, setLive] = useState<boolean>();
  const round = useRef({ held, wanted, isBusy: false, again: false }).current;
  round.wanted = wanted;
  // One round at a time: with a busy receiver the page is as fresh as possible without adding more requests.
  const refresh = async (): Promise<void> => {
    round.again = true;
    if (round.isBusy || round.wanted.paused) return;
    round.isBusy = true;
    while (round.again) {
      round.again = false;
      round.held = await load(round.held, round.wanted).catch(() => round.held);
      setHeld(round.held);
    }
    round.isBusy = false;
  };
  useEffect(() => void refresh(), [wanted.view, wanted.traceId, wanted.text, wanted.paused]);
  useEffect(() => {
    // It reconnects automatically.
    const source = new EventSource("/api/changes");
    source.onmessage = () => void refresh();
    source.onopen = () => setLive(true);
    source.onerror = () => setLive(false);
  }, []);
  return { held, live };
}

/** Loads what has changed. Removed traces are not listed by id, so after a removal the whole list is reloaded. */
async function load(before: Held, { view, traceId, text }: Wanted): Promise<Held> {
  let changes = await ask<Changes>(`traces?since=${before.revision}`);
  const isLoss = changes.removals !== before.removals || changes.revision < before.revision;
  if (isLoss) changes = await ask<Changes>("traces?since=0");
  const traces = new Map(isLoss ? [] : before.traces);
  for (const trace of changes.traces) traces.set(trace.traceId, trace);
  const newestFirst = [...traces.values()].sort((a, b) => b.startTimeMs - a.startTimeMs);
  const shown = traces.get(traceId) ?? newestFirst[0];
  let { trace } = before;
  if (shown === undefined) trace = undefined;
  else if (trace?.traceId !== shown.traceId || before.traces.get(shown.traceId) !== shown)
    // It may have been evicted in the meantime.
    trace = await ask<TraceRows>(`traces/${shown.traceId}/rows`).catch(() => undefined);
  const search = `search?q=${encodeURIComponent(text)}`;
  return {
    ...before,
    revision: changes.revision,
    removals: changes.removals,
    traces,
    newestFirst,
    trace,
    lost: changes,
    editor: changes.editor,
    ...(text === "" ? { found: undefined } : await ask<Pick<Held, "found">>(search)),
    ...(view === "events" ? await ask<Pick<Held, "events">>("events") : {}),
    ...(view === "errors" ? await ask<Pick<Held, "errors">>("errors") : {}),
    ...(view === "tiers" ? { overview: await ask<Overview>("overview") } : {}),
  };
}

/** Queries the receiver. It is of the same build, so the type is right. Rejects if it has no answer or is gone. */
export async function ask<Answer>(question: string, method = "GET"): Promise<Answer> {
  const response = await fetch(`/api/${question}`, { method });
  if (!response.ok) throw new Error(`The receiver answered ${response.status}.`);
  return (await response.json()) as Answer;
}
