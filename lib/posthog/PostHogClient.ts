import { PostHog } from "posthog-node";
import type { Configuration } from "../config/Configuration.js";
import type { WireEvent } from "./PostHogEvent.js";

/** The reply to each of its requests; see {@link PostHogClient}. */
const OK = {
  status: 200,
  text: () => Promise.resolve("{}"),
  json: () => Promise.resolve({}),
  headers: { get: () => null },
};

/**
 * posthog-node, which keeps the queue, the window and the batch and makes the request body. Its `fetch` option hands
 * that body to the pipe and answers 200 at once, because posthog-node reacts to any other answer, and to a late one,
 * by dropping the batch, printing or keeping the process alive. The delivery queue sees the real answer, retries and
 * persists.
 *
 * It is imported when the first window of events ends, because nothing else here takes as long to load.
 */
export class PostHogClient extends PostHog {
  constructor(
    { key, host, flushAt, flushInterval }: Configuration["posthog"],
    send: (body: string) => void,
  ) {
    super(key, {
      host,
      // Above 100 it also raises the number of events in one batch, which the delivery queue cuts where it must.
      flushAt,
      flushInterval,
      // A full queue drops its oldest event. The pipe bounds what it hands over.
      maxQueueSize: Infinity,
      // The body names the events that it holds. The transport compresses it.
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
    // The variable POSTHOG_CAPTURE_MODE=v1 would choose an endpoint that loses events while it cannot be reached.
    Object.assign(this, { captureMode: "v0" });
  }

  /**
   * Takes an event in its JSON form, which is what was redacted and persisted; the objects that it was made of are
   * the host's, and may have changed since.
   */
  captureJson(json: string): void {
    const { event, distinct_id, properties, timestamp, uuid } = JSON.parse(json) as WireEvent;
    this.capture({
      event,
      distinctId: distinct_id,
      // Without the member, posthog-node gives an `$exception` the ids of the span that is active by now.
      properties: { $trace_id: undefined, ...properties },
      timestamp: new Date(timestamp),
      uuid,
    });
  }

  /** The events are complete, `$lib` and `$lib_version` included. */
  protected override getCommonEventProperties(): Record<string, never> {
    return {};
  }
}
