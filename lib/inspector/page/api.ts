import type { Overview } from "../server/overview.js";
import type { ReceivedEvent } from "../server/ReceivedEvent.js";
import type { ReceivedSpan } from "../server/ReceivedSpan.js";
import type { SearchResult } from "../server/searchTraces.js";
import type { TraceRows } from "../server/TraceRows.js";
import type { TraceChanges } from "../server/TraceStore.js";

async function get(path: string, method = "GET"): Promise<unknown> {
  const response = await fetch(path, { method });
  if (!response.ok)
    throw new Error(`${path.split("?")[0] ?? path} was answered ${response.status}.`);
  return response.json();
}

/** What the page asks its receiver; each rejects when there is no such thing, or no receiver any more. */
export const api = {
  changes: async (since: number): Promise<TraceChanges> =>
    (await get(`/api/traces?since=${since}`)) as TraceChanges,
  clear: (): Promise<unknown> => get("/api/traces", "DELETE"),
  rows: async (traceId: string): Promise<TraceRows> =>
    (await get(`/api/traces/${traceId}/rows`)) as TraceRows,
  span: async (traceId: string, spanId: string): Promise<ReceivedSpan> =>
    (await get(`/api/traces/${traceId}/spans/${spanId}`)) as ReceivedSpan,
  events: async (): Promise<readonly ReceivedEvent[]> =>
    ((await get("/api/events")) as { events: readonly ReceivedEvent[] }).events,
  overview: async (): Promise<Overview> => (await get("/api/overview")) as Overview,
  search: async (text: string, traceId?: string): Promise<SearchResult> =>
    (
      (await get(
        `/api/search?q=${encodeURIComponent(text)}${traceId === undefined ? "" : `&trace=${traceId}`}`,
      )) as { found: SearchResult }
    ).found,
};
