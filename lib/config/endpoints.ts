const TRACES_PATH = "/v1/traces";

/**
 * The traces endpoint of a base URL: `/v1/traces` is appended unless the path already ends so; a path prefix
 * and a query are kept. (The OTLP exporter specification, "Endpoint URLs for OTLP/HTTP".)
 */
export function tracesEndpoint(base: string): string {
  return withPath(base, (path) => (path.endsWith(TRACES_PATH) ? path : path + TRACES_PATH));
}

/** The URL that events are posted to: the host with its path prefix, and `/batch/`. */
export function batchEndpoint(host: string): string {
  return withPath(host, (path) => `${path.replace(/\/batch$/, "")}/batch/`);
}

/** `base` has been read by `parseUrl`. */
function withPath(base: string, change: (path: string) => string): string {
  const url = new URL(base);
  url.hash = "";
  url.pathname = change(url.pathname.replace(/\/+$/, ""));
  return url.href;
}
