import type { IncomingHttpHeaders } from "node:http";
import { HttpProblem } from "./HttpProblem.js";

/**
 * Refuses a page other than the receiver's own to read or delete what is held. Webviews and local pages have to
 * send here; none of them has to see what others sent. `Host` is one that was allowed.
 */
export function allowReader(
  { origin, host = "" }: IncomingHttpHeaders,
  allowedOrigins: readonly string[],
): void {
  if (
    origin === undefined ||
    origin.toLowerCase() === `http://${host.toLowerCase()}` ||
    allowedOrigins.includes(origin)
  )
    return;
  throw new HttpProblem(
    403,
    "Only the receiver's own page may read what it holds; allow this origin by `allowedOrigins`.",
  );
}
