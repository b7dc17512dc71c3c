import type { Configuration } from "../../../config/Configuration.js";
import { clearTimeout, setTimeout } from "../node/timers.js";

/** Maximum number of events in one request, as in posthog-node. */
const MAX_BATCH = 100;

/** Collects events into batches, as posthog-node does on Node; PostHog's own client is too large for a page. */
export class PostHogClient {
  readonly #settings: Configuration["posthog"];
  readonly #send: (body: string) => void;
  #events: string[] = [];
  #window: ReturnType<typeof setTimeout> | undefined;

  constructor(settings: Configuration["posthog"], send: (body: string) => void) {
    this.#settings = settings;
    this.#send = send;
  }

  /** Takes an event in its JSON form. */
  captureJson(json: string): void {
    const { flushAt, flushInterval } = this.#settings;
    this.#events.push(json);
    if (this.#events.length >= Math.min(flushAt, MAX_BATCH)) void this.flush();
    else this.#window ??= setTimeout(() => void this.flush(), flushInterval);
  }

  /** Sends what is waiting without further delay, as a body for PostHog's batch endpoint. */
  flush(): Promise<void> {
    clearTimeout(this.#window);
    this.#window = undefined;
    const events = this.#events.splice(0);
    const key = JSON.stringify(this.#settings.key);
    const now = JSON.stringify(new Date().toISOString());
    if (events.length > 0)
      this.#send(`{"api_key":${key},"batch":[${events.join(",")}],"sent_at":${now}}`);
    return Promise.resolve();
  }
}
