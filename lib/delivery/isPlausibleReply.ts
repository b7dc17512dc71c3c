import type { IncomingHttpHeaders } from "node:http";

/** Words that servers are known to answer instead of JSON. */
const ACKNOWLEDGEMENT = /^["'\s]*(?:1|ok|okay|success|accepted|true)[."'!\s]*$/i;

/**
 * Whether the body of a 2xx reply can come from a collector or PostHog: nothing, JSON, protobuf, or a short
 * word of thanks. Pages of captive portals, noise and endless bodies do not acknowledge anything.
 */
export function isPlausibleReply(
  body: string,
  headers: IncomingHttpHeaders,
  cut: boolean,
): boolean {
  if (cut) return false;
  if (body.trim() === "" || ACKNOWLEDGEMENT.test(body)) return true;
  const encoding = headers["content-encoding"] ?? "identity";
  // Not asked for, so a proxy's doing; the status is all there is to go by.
  if (encoding !== "identity") return true;
  if (/protobuf|octet-stream/i.test(headers["content-type"] ?? "")) return true;
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}
