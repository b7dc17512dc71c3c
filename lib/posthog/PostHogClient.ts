import { PostHog } from "posthog-node";
import type { Configuration } from "../config/Configuration.js";
import type { WireEvent } from "./PostHogEvent.js";

/** The reply to every request of posthog-node; see {@link PostHogClient}. */
const OK = {
  status: 200,
  text: () => Promise.resolve("{}"),
  json: () => Promise.resolve({}),
  headers: { get: () => null },
};

/**
 * posthog-node, which keeps the queue, the window and the batch and builds the request body. Its `fetch` option hands
 * that body to the pipe and answers 200 immediately, because posthog-node reacts to any other reply, and to a late one,
 * by dropping the batch, printing or keeping the process alive. The delivery queue gets the real reply, retries and
 * persists.
 *
 * This module is imported when the first window of events ends, because nothing else here takes as long to load.
 */
export class PostHogClient extends PostHog {
  constructor(
    { key, host, flushAt, flushInterval }: Configuration["posthog"],
    send: (body: string) => void,
  ) {
    super(key, {
      host,
      // Above 100, this also raises the number of events in one batch, which the delivery queue splits where it must.
      flushAt,
      flushInterval,
      // A full queue would drop its oldest event; the pipe bounds what it hands over.
      maxQueueSize: Infinity,
      // The pipe reads from the body which events it holds; the transport compresses it.
      disableCompression: true,
      fetchRetryCount: 0,
      isServer: false,
      // Each event carries `$geoip_disable` itself, so that a caller's own value wins.
      disableGeoip: false,
      fetch: (_url, { body }) => {
        if (typeof body === "string") send(body);
        return Promise.resolve(OK);
      },
    });
    // Otherwise POSTHOG_CAPTURE_MODE=v1 would select an endpoint that loses events while it cannot be reached.
    Object.assign(this, { captureMode: "v0" });
  }

  /**
   * Takes an event as the JSON that was redacted and persisted: the objects that it was made from are the host's and
   * may have changed since.
   */
  captureJson(json: string): void {
    const { event, distinct_id, properties, timestamp, uuid } = JSON.parse(json) as WireEvent;
    this.capture({
      event,
      distinctId: distinct_id,
      // Without this member, posthog-node gives an `$exception` the ids of the span that is active now.
      properties: { $trace_id: undefined, ...properties },
      timestamp: new Date(timestamp),
      uuid,
    });
  }

  /** Adds nothing: the events are complete, including `$lib` and `$lib_version`. */
  protected override getCommonEventProperties(): Record<string, never> {
    return {};
  }
}
