import { attempt } from "../shared/attempt.js";
import type { HttpReply, HttpResult } from "./HttpTransport.js";
import type { ReplyReading, RequestFormat } from "./RequestFormat.js";

/** What became of a request. */
export type Outcome =
  | {
      readonly kind: "delivered";
      readonly rejected: number;
      readonly reply: HttpReply;
      readonly message?: string;
    }
  | { readonly kind: "retry"; readonly reason: string; readonly retryAfterMs?: number }
  /** `divisible` says whether a part of the request may fare better. */
  | { readonly kind: "final"; readonly reason: string; readonly divisible: boolean };

/** Failures that every further request would meet as well. */
const FINAL_FAILURES: ReadonlySet<string> = new Set(["invalid_url", "invalid_request"]);
/** Statuses that are about the address or the sender, so that a smaller request would be refused as well. */
const ABOUT_THE_SENDER: ReadonlySet<number> = new Set([401, 404, 405, 407, 410]);
/** Plain-text replies that servers give instead of JSON. */
const ACKNOWLEDGEMENT = /^["'\s]*(?:1|ok|okay|success|accepted|true)[."'!\s]*$/i;

/**
 * Classifies the result of a request. Whatever may succeed later is retried: failures of the network and of TLS
 * (certificates get renewed, and people leave captive portals), 408, 429, 5xx, and replies that do not acknowledge
 * anything. Redirects and the other 4xx are final.
 */
export function classifyReply(
  result: HttpResult,
  format?: Pick<RequestFormat, "readReply">,
): Outcome {
  if ("failure" in result) {
    const { failure: reason } = result;
    return FINAL_FAILURES.has(reason)
      ? { kind: "final", reason, divisible: false }
      : { kind: "retry", reason };
  }
  const { status, headers } = result.reply;
  const reason = `http_${status}`;
  if (status >= 500 || status === 408 || status === 429) {
    const retryAfterMs = retryAfter(headers["retry-after"]);
    return { kind: "retry", reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  if (status >= 400) return { kind: "final", reason, divisible: !ABOUT_THE_SENDER.has(status) };
  if (status >= 300) return { kind: "final", reason: "redirect", divisible: false };
  if (status < 200 || !isPlausible(result.reply)) return { kind: "retry", reason: "garbage" };
  return classifySuccess(result.reply, format);
}

function classifySuccess(reply: HttpReply, format?: Pick<RequestFormat, "readReply">): Outcome {
  // When the reply cannot be read, its status alone decides.
  const reading: ReplyReading = attempt(() => format?.readReply?.(reply)) ?? {};
  const { rejected = 0, message } = reading;
  return {
    kind: "delivered",
    rejected: Number.isSafeInteger(rejected) ? Math.max(0, rejected) : 0,
    reply,
    ...(message === undefined ? {} : { message }),
  };
}

/**
 * Whether a 2xx reply can come from a collector or PostHog: it is empty, JSON, protobuf or one of the known words.
 * The page of a captive portal, noise or an endless body acknowledges nothing.
 */
function isPlausible({ body, headers, cut }: HttpReply): boolean {
  if (cut) return false;
  // We did not ask for an encoding, so a proxy added it, and only the status can be read.
  if ((headers["content-encoding"] ?? "identity") !== "identity") return true;
  if (/protobuf|octet-stream/i.test(headers["content-type"] ?? "")) return true;
  const text = body.toString("utf8");
  if (text.trim() === "" || ACKNOWLEDGEMENT.test(text)) return true;
  return attempt(() => JSON.parse(text) as unknown) !== undefined;
}

/**
 * The pause that a `Retry-After` header asks for, in ms: a number of seconds or an HTTP date (RFC 9110,
 * section 10.2.3). Undefined when there is none or it cannot be read; never negative.
 */
function retryAfter(header: string | undefined): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1_000;
  const date = /[a-z]/i.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
