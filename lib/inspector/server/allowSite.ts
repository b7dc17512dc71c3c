import type { IncomingHttpHeaders } from "node:http";
import { HttpProblem } from "./HttpProblem.js";

/**
 * Refuses what a browser asks for on behalf of a page of another site without naming its origin, as it does for
 * images, scripts and links: they could not read the answer, but they could make work. Requests with an `Origin`
 * are judged by it, and programs send neither.
 */
export function allowSite({ origin, "sec-fetch-site": site }: IncomingHttpHeaders): void {
  if (origin === undefined && site === "cross-site")
    throw new HttpProblem(403, "Pages of other sites may not use this receiver.");
}
