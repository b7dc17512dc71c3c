import { attempt } from "../shared/attempt.js";
import type { DeliveryRecord } from "./DeliveryRecord.js";
import type { HttpReply, HttpResult } from "./HttpTransport.js";
import { MAX_REPLY_BYTES } from "./HttpTransport.js";
import { isRetryable, readText } from "./readReply.js";
import type { ReplyReading, RequestFormat } from "./RequestFormat.js";

/** What became of a request. */
export type Outcome =
  | {
      readonly kind: "delivered";
      readonly rejected: number;
      readonly reply: HttpReply;
      /** The reason under which the rejected items are counted. */
      readonly reason?: string;
      readonly message?: string;
    }
  /** The endpoint answered without saying whether it took anything. */
  | { readonly kind: "unknown"; readonly reason: string }
  | { readonly kind: "retry"; readonly reason: string; readonly retryAfterMs?: number }
  /** `divisible` says whether a part of the request may be accepted. */
  | {
      readonly kind: "final";
      readonly reason: string;
      readonly divisible: boolean;
      readonly message?: string;
    };

/** Failures that any other request would have too. They do not come from an endpoint's answer. */
export const FINAL_FAILURES: ReadonlySet<string> = new Set(["invalid_url", "invalid_request"]);
/** Statuses that concern the address or the sender, so a smaller request would be refused as well. */
const ABOUT_THE_SENDER: ReadonlySet<number> = new Set([401, 404, 405, 410]);

/**
 * Classifies the result of a request. Whatever may succeed later is retried: network and TLS failures (certificates
 * get renewed, and people leave captive portals), redirects, which are never the endpoint's own answer, 407, 408, 425,
 * 429, 5xx, and replies that no endpoint would send. All other 4xx are final.
 */
export function classifyReply(
  result: HttpResult,
  format: Pick<RequestFormat, "readReply"> = {},
  records: readonly DeliveryRecord[] = [],
): Outcome {
  if ("failure" in result) {
    const { failure: reason } = result;
    return FINAL_FAILURES.has(reason)
      ? { kind: "final", reason, divisible: false }
      : { kind: "retry", reason };
  }
  const { status, headers } = result.reply;
  const reason = `http_${status}`;
  if (isRetryable(status)) return retry(reason, headers);
  if (status >= 300 && status < 400) return { kind: "retry", reason: "redirect" };
  const reply = decoded(result.reply);
  const reading = reply && read(reply, format, records);
  if (status >= 400) {
    const message = reading?.message ?? plainText(reply);
    return {
      kind: "final",
      reason,
      divisible: !ABOUT_THE_SENDER.has(status),
      ...(message === undefined ? {} : { message }),
    };
  }
  if (status < 200 || reading === undefined) return { kind: "retry", reason: "garbage" };
  const { verdict = "taken", rejected = 0, message } = reading;
  const said = {
    ...(reading.reason === undefined ? {} : { reason: reading.reason }),
    ...(message === undefined ? {} : { message }),
  };
  if (verdict === "unknown") return { kind: "unknown", reason: "unknown" };
  if (verdict === "later") return retry(reading.reason ?? "later", headers);
  if (verdict === "refused")
    return { kind: "final", reason: "refused", divisible: reading.divisible ?? true, ...said };
  const count = Number.isSafeInteger(rejected) ? Math.max(0, rejected) : 0;
  return { kind: "delivered", rejected: count, reply: result.reply, ...said };
}

function retry(reason: string, headers: HttpReply["headers"]): Outcome {
  const retryAfterMs = retryAfter(headers["retry-after"]);
  return { kind: "retry", reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

function read(
  reply: HttpReply,
  format: Pick<RequestFormat, "readReply">,
  records: readonly DeliveryRecord[],
): ReplyReading | undefined {
  try {
    if (format.readReply !== undefined) return format.readReply(reply, records);
  } catch {
    // A bug of ours must not lose a request that was taken; fall back to the wording that all endpoints use.
  }
  const isBinary = /protobuf|octet-stream/i.test(reply.headers["content-type"] ?? "");
  return isBinary ? {} : readText(reply);
}

/**
 * The reply without its content encoding. We did not ask for one, so a proxy must have added it. Undefined when it
 * cannot be decoded or is longer than `MAX_REPLY_BYTES`.
 */
function decoded(reply: HttpReply): HttpReply | undefined {
  if (reply.cut) return undefined;
  const zlib = process.getBuiltinModule("node:zlib");
  const options = { maxOutputLength: MAX_REPLY_BYTES };
  return attempt(() => {
    switch (reply.headers["content-encoding"] ?? "identity") {
      case "identity":
        return reply;
      case "gzip":
        return { ...reply, body: zlib.gunzipSync(reply.body, options) };
      case "deflate":
        return { ...reply, body: zlib.inflateSync(reply.body, options) };
      case "br":
        return { ...reply, body: zlib.brotliDecompressSync(reply.body, options) };
      default:
        return undefined;
    }
  });
}

/** A refusal in plain text; undefined when it is empty, JSON, a page or binary. */
function plainText(reply: HttpReply | undefined): string | undefined {
  const text = reply?.body.toString("utf8").trim() ?? "";
  return text === "" || /^[{[<\u0000-\u001f]/.test(text) ? undefined : text;
}

/**
 * The pause that a `Retry-After` header asks for, in ms, whether it gives seconds or an HTTP date (RFC 9110,
 * section 10.2.3). Undefined when there is none or it cannot be parsed; never negative.
 */
function retryAfter(header: string | undefined): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1_000;
  const date = /[a-z]/i.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
