import type { Configuration } from "../configuration/Configuration.js";
import { batchEndpoint } from "../configuration/parseUrl.js";
import type { CourierOptions } from "../delivery/Courier.js";
import { Courier } from "../delivery/Courier.js";
import type { Ledger } from "../delivery/Ledger.js";
import type { Parcel } from "../delivery/Parcel.js";
import type { Redactor } from "../privacy/createRedactor.js";
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
  delivery: Pick<CourierOptions, "spool">,
): { readonly pipe: PostHogPipe; readonly courier: Courier } {
  const { key, host, flushAt, flushInterval } = configuration.posthog;
  const courier = new Courier({
    pipe: "posthog",
    url: batchEndpoint(host),
    ledger,
    assemble: (parcels) => assembleBatch(key, parcels),
    maxParcelsPerPost: MAX_EVENTS_PER_POST,
    timeoutMs: TIMEOUT_MS,
    gzipAboveBytes: GZIP_ABOVE_BYTES,
    ...delivery,
  });
  const throttle = new EventThrottle(configuration.throttle);
  return { pipe: new PostHogPipe({ key, host, flushAt, flushInterval, redactor, throttle, ledger, courier }), courier };
}

/** The request body of PostHog's batch endpoint; the events are JSON already. */
function assembleBatch(key: string, parcels: readonly Parcel[]): string {
  const events = parcels.map(({ body }) => (typeof body === "string" ? body : Buffer.from(body).toString("utf8")));
  return `{"api_key":${JSON.stringify(key)},"batch":[${events.join(",")}],"sent_at":${JSON.stringify(new Date().toISOString())}}`;
}
