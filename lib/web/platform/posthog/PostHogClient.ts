import type { Configuration } from "../../../config/Configuration.js";
import { clearTimeout, setTimeout } from "../node/timers.js";

/** Events in one request, as posthog-node has it. */
const MAX_BATCH = 100;

/** Keeps the window and the batch, as posthog-node does where Node runs; a page has no room for PostHog's own client. */
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

  /** Hands over what waits, at once, in the body of PostHog's batch endpoint. */
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
