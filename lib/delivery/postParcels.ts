import type { Agents } from "./Agents.js";
import type { Outcome } from "./classify.js";
import { classify } from "./classify.js";
import type { CourierOptions } from "./CourierOptions.js";
import type { Parcel } from "./Parcel.js";
import { post } from "./post.js";

/** The default for one post in all, in ms: what the OTLP exporter and posthog-node both take. */
const TIMEOUT_MS = 10_000;

/** Makes one request of parcels, posts it, and says what became of it. Never rejects. */
export async function postParcels(
  parcels: readonly Parcel[],
  options: CourierOptions,
  agents: Agents,
  signal: AbortSignal,
): Promise<Outcome> {
  if (!agents.prepare(options.url))
    return {
      kind: "final",
      reason: URL.canParse(options.url) ? "invalid_request" : "invalid_url",
      divisible: false,
    };
  let body: Uint8Array | string;
  try {
    body = options.assemble(parcels);
    options.onSent?.(typeof body === "string" ? Buffer.byteLength(body) : body.byteLength);
  } catch {
    return { kind: "final", reason: "unassembled", divisible: true };
  }
  const result = await post({
    url: options.url,
    agents,
    signal,
    body,
    // A spooled batch may be of another form than those of today.
    headers: {
      ...options.headers,
      "content-type": parcels[0]?.contentType ?? options.contentType ?? "application/json",
    },
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    ...(options.gzipAboveBytes === undefined ? {} : { gzipAboveBytes: options.gzipAboveBytes }),
  });
  return classify(result, options.readResponse);
}
