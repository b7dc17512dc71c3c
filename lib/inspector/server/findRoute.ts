/** What a path asks for. */
export type Route =
  | "/"
  | "/v1/traces"
  | "/batch/"
  | "/api/traces"
  | "/api/traces/:id"
  | "/api/traces/:id/rows"
  | "/api/traces/:id/spans/:span"
  | "/api/events"
  | "/api/counts"
  | "/api/changes"
  | "/api/overview"
  | "/api/search"
  | "/api/recording"
  | "other";

/** A route with what the path names. */
export interface FoundRoute {
  readonly route: Route;
  /** In lower case; empty where the route has none. */
  readonly traceId: string;
  readonly spanId: string;
}

/** The routes of one trace. */
const TRACE = /^\/api\/traces\/([0-9a-f]{32})(?:(\/rows)|\/spans\/([0-9a-f]{16}))?$/i;

/** The routes without a name in them; they have no prefix. */
const FIXED: ReadonlySet<string> = new Set([
  "/",
  "/api/traces",
  "/api/events",
  "/api/counts",
  "/api/changes",
  "/api/overview",
  "/api/search",
  "/api/recording",
]);

/** Finds the route of a path without its query. The two intakes may stand behind any prefix, as real ones do behind proxies. */
export function findRoute(path: string): FoundRoute {
  const found = (route: Route, traceId = "", spanId = ""): FoundRoute => ({
    route,
    traceId: traceId.toLowerCase(),
    spanId: spanId.toLowerCase(),
  });
  if (path.endsWith("/v1/traces")) return found("/v1/traces");
  if (path.endsWith("/batch") || path.endsWith("/batch/")) return found("/batch/");
  if (FIXED.has(path)) return found(path as Route);
  const [, traceId, rows, spanId] = TRACE.exec(path) ?? [];
  if (traceId === undefined) return found("other");
  if (spanId !== undefined) return found("/api/traces/:id/spans/:span", traceId, spanId);
  return found(rows === undefined ? "/api/traces/:id" : "/api/traces/:id/rows", traceId);
}
