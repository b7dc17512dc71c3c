import type { Configuration } from "../config/Configuration.js";
import { batchEndpoint } from "../config/endpoints.js";
import { Courier } from "../delivery/Courier.js";
import type { Ledger } from "../delivery/Ledger.js";
import type { PayloadRecorder } from "../delivery/PayloadRecorder.js";
import type { Parcel } from "../delivery/Parcel.js";
import { spoolOf } from "../delivery/disk/spoolOf.js";
import type { Redactor } from "../redaction/Redactor.js";
import { EventThrottle } from "./EventThrottle.js";
import { PostHogPipe } from "./PostHogPipe.js";

/** Events in one request: what posthog-node sends at most. */
const MAX_EVENTS_PER_POST = 100;
/** Bodies above it are gzipped; below, the saving is less than the cost. */
const GZIP_ABOVE_BYTES = 1_024;
/** One request, in milliseconds: posthog-node's own. */
const TIMEOUT_MS = 10_000;

/** The PostHog pipe of a configuration. */
export function createPostHogPipe(
  configuration: Configuration,
  redactor: Redactor,
  ledger: Ledger,
  recorder: PayloadRecorder | undefined,
): { readonly pipe: PostHogPipe; readonly courier: Courier } {
  const { key, host, flushAt, flushInterval } = configuration.posthog;
  const url = batchEndpoint(host);
  const courier = new Courier({
    pipe: "posthog",
    url,
    ledger,
    assemble: (parcels) => {
      const body = assembleBatch(key, parcels);
      recorder?.record("posthog", body);
      return body;
    },
    maxParcelsPerPost: MAX_EVENTS_PER_POST,
    timeoutMs: TIMEOUT_MS,
    gzipAboveBytes: GZIP_ABOVE_BYTES,
    spool: spoolOf(configuration, "posthog", url, key),
  });
  const throttle = new EventThrottle(configuration.throttle);
  return {
    pipe: new PostHogPipe({
      key,
      host,
      flushAt,
      flushInterval,
      redactor,
      throttle,
      ledger,
      courier,
    }),
    courier,
  };
}

/** The request body of PostHog's batch endpoint; the events are JSON already. */
function assembleBatch(key: string, parcels: readonly Parcel[]): string {
  const events = parcels.map(({ body }) =>
    typeof body === "string" ? body : Buffer.from(body).toString("utf8"),
  );
  return `{"api_key":${JSON.stringify(key)},"batch":[${events.join(",")}],"sent_at":${JSON.stringify(new Date().toISOString())}}`;
}
