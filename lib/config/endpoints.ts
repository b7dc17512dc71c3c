const TRACES_PATH = "/v1/traces";

/**
 * The traces endpoint of a base URL: `/v1/traces` is appended unless the path already ends with it. A path prefix and
 * a query are kept. (The OTLP exporter specification, "Endpoint URLs for OTLP/HTTP".)
 */
export function tracesEndpoint(base: string): string {
  return withPath(base, (path) => (path.endsWith(TRACES_PATH) ? path : path + TRACES_PATH));
}

/** The URL that events are posted to: the host with its path prefix, followed by `/batch/`. */
export function batchEndpoint(host: string): string {
  return withPath(host, (path) => `${path.replace(/\/batch$/, "")}/batch/`);
}

/** Whether a URL points to this machine (RFC 6761 for the names, RFC 5735 and 4291 for the addresses). */
export function isThisMachine(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const host = new URL(url).hostname.replace(/\.$/, "");
  // The URL parser writes every form of an IPv4 address as four numbers, and rejects other names that end in a number.
  if (/^127(?:\.\d+){3}$/.test(host)) return true;
  return host === "[::1]" || host === "localhost" || host.endsWith(".localhost");
}

/** `base` comes from `parseUrl`; it is "" if no usable URL was given, and so is the result. */
function withPath(base: string, change: (path: string) => string): string {
  if (base === "") return "";
  const url = new URL(base);
  url.hash = "";
  url.pathname = change(url.pathname.replace(/\/+$/, ""));
  return url.href;
}
