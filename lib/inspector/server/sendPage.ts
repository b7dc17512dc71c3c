import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { loadInspectorPage } from "./loadInspectorPage.js";
import { COMMON_HEADERS } from "./reply.js";

const UNBUILT = "The page is a part of the built package; run its build first.\n";

/** Sends the page, which is loaded when somebody first asks for it. */
export function sendPage(
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
  head: boolean,
): void {
  const { INSPECTOR_PAGE: page } = loadInspectorPage();
  const body = page?.html ?? UNBUILT;
  response.writeHead(200, {
    ...COMMON_HEADERS,
    ...headers,
    "content-type": page === undefined ? "text/plain; charset=utf-8" : "text/html; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    "content-security-policy": page?.contentSecurityPolicy ?? "default-src 'none'",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
  });
  response.end(head ? undefined : body);
}
