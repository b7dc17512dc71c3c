import type { IncomingHttpHeaders } from "node:http";
import { isPlausibleReply } from "./isPlausibleReply.js";
import type { PostResult } from "./post.js";
import { retryAfter } from "./retryAfter.js";

/** What a pipe reads out of the body of a 2xx reply. */
export interface ResponseVerdict {
  /** Partial success: how many of what was posted the far end refused for good. */
  readonly rejected?: number;
  /** The reply is no acknowledgement: try again later, for this reason. */
  readonly retry?: string;
  /** What the far end said about it. */
  readonly message?: string;
}

/** Reads the body of a 2xx reply; the body is at most `MAX_REPLY_BYTES` long, `cut` says whether it was longer. */
export type ReadResponse = (
  status: number,
  body: string,
  headers: IncomingHttpHeaders,
  cut: boolean,
) => ResponseVerdict;

/** What became of a post. */
export type Outcome =
  | { readonly kind: "delivered"; readonly rejected: number; readonly message?: string }
  | { readonly kind: "retry"; readonly reason: string; readonly retryAfterMs?: number }
  | { readonly kind: "final"; readonly reason: string; readonly divisible: boolean };

/** Answers that speak of the address or the sender rather than of what was sent: halving a batch changes nothing. */
const ABOUT_THE_SENDER: ReadonlySet<number> = new Set([401, 404, 405, 407, 410]);

/**
 * Sorts the result of a post. Nothing is given up that may go through later: failures of the network and of
 * TLS (a certificate is renewed, a captive portal left), 408, 429, 5xx and replies that are no acknowledgement.
 * Redirects and the other 4xx are final; `divisible` says whether a part of the batch may fare better.
 */
export function classify(result: PostResult, readResponse?: ReadResponse): Outcome {
  if ("failure" in result) {
    if (result.failure === "invalid_request")
      return { kind: "final", reason: "invalid_request", divisible: false };
    return { kind: "retry", reason: result.failure };
  }
  const { status, headers } = result.reply;
  if (status >= 200 && status < 300) return classifySuccess(result, readResponse);
  if (status >= 300 && status < 400) return { kind: "final", reason: "redirect", divisible: false };
  const reason = `http_${status}`;
  if (status >= 500 || status === 408 || status === 429) {
    const retryAfterMs = retryAfter(headers["retry-after"]);
    return { kind: "retry", reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  if (status < 400) return { kind: "retry", reason: "garbage" };
  return { kind: "final", reason, divisible: !ABOUT_THE_SENDER.has(status) };
}

function classifySuccess(
  result: Extract<PostResult, { reply: unknown }>,
  readResponse?: ReadResponse,
): Outcome {
  const { status, body, headers, cut } = result.reply;
  if (!isPlausibleReply(body, headers, cut)) return { kind: "retry", reason: "garbage" };
  let verdict: ResponseVerdict = {};
  try {
    verdict = readResponse?.(status, body, headers, cut) ?? {};
  } catch {
    // A body that its reader cannot stand says nothing against the status.
  }
  if (verdict.retry !== undefined) return { kind: "retry", reason: verdict.retry };
  const rejected = Number.isSafeInteger(verdict.rejected) ? Math.max(0, verdict.rejected ?? 0) : 0;
  return {
    kind: "delivered",
    rejected,
    ...(verdict.message === undefined ? {} : { message: verdict.message }),
  };
}
