/** What a path asks for. */
export type Route = "/v1/traces" | "/batch/" | "/api/traces" | "/api/traces/:id" | "/api/events" | "/api/counts" | "other";

const TRACE = /^\/api\/traces\/([0-9a-f]{32})$/i;

/** The routes of the JSON API; they have no prefix. */
const API: ReadonlySet<string> = new Set(["/api/traces", "/api/events", "/api/counts"]);

/** Finds the route of a path without its query. The two intakes may stand behind any prefix, as real ones do behind proxies. */
export function findRoute(path: string): { readonly route: Route; readonly traceId: string } {
  if (path.endsWith("/v1/traces")) return { route: "/v1/traces", traceId: "" };
  if (path.endsWith("/batch") || path.endsWith("/batch/")) return { route: "/batch/", traceId: "" };
  if (API.has(path)) return { route: path as Route, traceId: "" };
  const traceId = TRACE.exec(path)?.[1];
  return traceId === undefined ? { route: "other", traceId: "" } : { route: "/api/traces/:id", traceId: traceId.toLowerCase() };
}
