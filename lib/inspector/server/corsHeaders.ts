import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";

/** A list of header names (RFC 9110, section 5.6.2), as a preflight asks for. */
const HEADER_NAMES = /^[!#$%&'*+.^_`|~0-9a-z, -]{1,1000}$/i;
/** What the exporters send beyond the headers that need no leave. */
const DEFAULT_HEADERS = "content-type, content-encoding";
/** Seconds for which a browser remembers the preflight. */
const MAX_AGE = "600";

/** The headers that let a page of an allowed origin send here and read the answer. */
export function corsHeaders(
  headers: IncomingHttpHeaders,
  methods: string | undefined,
): OutgoingHttpHeaders {
  if (headers.origin === undefined) return {};
  const shared = {
    "access-control-allow-origin": headers.origin,
    // sendBeacon, which the browser exporters use, always sends with credentials; there are none here.
    "access-control-allow-credentials": "true",
    vary: "origin",
  };
  if (methods === undefined) return shared;
  const asked = headers["access-control-request-headers"];
  return {
    ...shared,
    "access-control-allow-methods": methods,
    "access-control-allow-headers":
      asked !== undefined && HEADER_NAMES.test(asked) ? asked : DEFAULT_HEADERS,
    "access-control-max-age": MAX_AGE,
    ...(headers["access-control-request-private-network"] === "true"
      ? { "access-control-allow-private-network": "true" }
      : {}),
  };
}
