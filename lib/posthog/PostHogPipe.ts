import type { Configuration } from "../config/Configuration.js";
import type { ErrorOrigin } from "../config/TelemetryOptions.js";
import { batchEndpoint } from "../config/endpoints.js";
import { agentFactory } from "../delivery/agentFactory.js";
import { DeliveryQueue } from "../delivery/DeliveryQueue.js";
import type { DeliveryRecord } from "../delivery/DeliveryRecord.js";
import { bytesOf, countOf } from "../delivery/DeliveryRecord.js";
import type { DeliveryStats } from "../delivery/DeliveryStats.js";
import { diskQueueOptions } from "../delivery/disk/spoolPaths.js";
import type { PayloadRecorder } from "../delivery/PayloadRecorder.js";
import { readText } from "../delivery/readReply.js";
import type { RequestFormat } from "../delivery/RequestFormat.js";
import { reportMissing } from "../delivery/report.js";
import type { Redactor } from "../redaction/Redactor.js";
import { USER_AGENT } from "../resource/packageVersion.js";
import { attempt } from "../shared/attempt.js";
import { untraced } from "../shared/untraced.js";
import { ErrorFilter } from "./ErrorFilter.js";
import { EventThrottle } from "./EventThrottle.js";
import type { ThrottleReport } from "./EventThrottle.js";
import type { HandlerRun } from "./HandlerCompletions.js";
import { COMPLETION_WINDOW_MS, HandlerCompletions } from "./HandlerCompletions.js";
import type { PostHogClient } from "./PostHogClient.js";
import type { EventOrigin, EventSink, PostHogEvent, WireEvent } from "./PostHogEvent.js";
import { eventProperties, serializeEvent } from "./PostHogEvent.js";
import { randomUuid } from "../shared/builtins.js";
import { clearTimeout, setImmediate, setTimeout } from "../shared/timers.js";

/** Limit on the events in memory, the size of posthog-node's own queue; the rest of a burst is written to disk. */
const MAX_PENDING = 10_000;
/** Limit on the events in one request, the same as posthog-node's, unless `flushAt` is higher. */
const MAX_EVENTS_PER_REQUEST = 100;
/** Bodies above this size are gzipped; below it, that costs more than it saves. */
const GZIP_ABOVE_BYTES = 1_024;
/** Deadline of one request, in milliseconds, the same as posthog-node's. */
const TIMEOUT_MS = 10_000;

/** How a serialised `$exception` begins; PostHog has a separate quota for these. */
const EXCEPTION_START = '{"event":"$exception"';

export interface PostHogPipeOptions {
  readonly configuration: Configuration;
  readonly redactor: Redactor;
  readonly stats: DeliveryStats;
  readonly recorder: PayloadRecorder | undefined;
  readonly sessionId: string;
}

/**
 * The PostHog pipe. An event is redacted and serialised once, written to disk if it is urgent, and handed to
 * posthog-node, which keeps the window and the batch. The delivery queue sends the request body that posthog-node
 * builds. Events wait here until posthog-node is loaded, at the end of the first window, and are sent without it if it
 * cannot be loaded or the process ends before that.
 */
export class PostHogPipe implements EventSink {
  /** Owns the events that have left this pipe, and all counts. */
  readonly queue: DeliveryQueue;
  readonly #settings: Configuration["posthog"];
  readonly #redactor: Redactor;
  readonly #throttle: EventThrottle;
  readonly #filter: ErrorFilter;
  readonly #completions: HandlerCompletions;
  readonly #origin: EventOrigin;
  #completionWindow: NodeJS.Timeout | undefined;
  /** The events that the queue does not have yet, by uuid. */
  readonly #pending = new Map<string, DeliveryRecord>();
  #Client: typeof PostHogClient | undefined;
  #client: PostHogClient | undefined;
  #loading: Promise<void> | undefined;
  /** Ends a window that posthog-node does not keep: the first one, and every one if it cannot be loaded. */
  #window: NodeJS.Timeout | undefined;
  #isEnding = false;
  #isMissed = false;
  #isClosed = false;

  constructor(options: PostHogPipeOptions) {
    const { configuration, redactor, stats, recorder } = options;
    const { key, host, flushAt } = configuration.posthog;
    const url = batchEndpoint(host);
    this.#origin = options;
    this.#settings = configuration.posthog;
    this.#redactor = redactor;
    this.#throttle = new EventThrottle(configuration.throttle);
    this.#filter = new ErrorFilter(configuration.ignoreErrors);
    this.#completions = new HandlerCompletions(configuration.throttle.completionsPerSecond);
    this.queue = new DeliveryQueue({
      pipe: "posthog",
      stats,
      settings: {
        url,
        headers: () => ({}),
        timeoutMillis: TIMEOUT_MS,
        compression: "gzip",
        gzipAboveBytes: GZIP_ABOVE_BYTES,
        agentFactory: agentFactory(),
        userAgent: USER_AGENT,
      },
      format: batchFormat(key),
      maxRecordsPerRequest: Math.max(flushAt, MAX_EVENTS_PER_REQUEST),
      disk: diskQueueOptions(configuration, "posthog", url, key),
      onRequest: (body) => recorder?.record("posthog", body),
      redact: (text) => redactor.text(text),
    });
  }

  admit(event: string, fingerprint: string | undefined): boolean {
    if (this.#throttle.admit(event, fingerprint)) return true;
    this.queue.accept(1);
    this.queue.drop("throttled", 1);
    return false;
  }

  admitRun(run: HandlerRun): boolean {
    if (this.#isClosed || this.#completions.admit(run)) return true;
    this.queue.accept(1);
    this.#completionWindow ??= setTimeout(() => this.#sendGathered(), COMPLETION_WINDOW_MS).unref();
    return false;
  }

  tagOf(error: unknown, tag: string, origin: ErrorOrigin): string | undefined {
    const said = this.#filter.tagOf(error, tag, origin);
    if (said !== undefined) return said;
    this.queue.accept(1);
    this.queue.drop("ignored", 1);
    return undefined;
  }

  send(event: PostHogEvent): void {
    this.queue.accept(1);
    this.#enqueue(event, 1);
  }

  /** @param count The number of items that the event stands for in the ledger, which are already accepted. */
  #enqueue(event: PostHogEvent, count: number): void {
    const { uuid: id, urgent } = event;
    // The same span under the same name is one event, whichever process sends it.
    if (this.#pending.has(id) || this.queue.has(id)) {
      this.queue.drop("duplicate", count);
      return;
    }
    const body = serializeEvent(event, this.#redactor);
    if (body === undefined) {
      this.queue.drop("unserialisable", count);
      return;
    }
    const record = { id, count, urgent, body };
    if (urgent) this.queue.persist(record);
    if (this.#isClosed || this.#pending.size >= MAX_PENDING) {
      this.queue.store([record]);
      return;
    }
    this.#pending.set(id, record);
    if (this.#isTaken(body)) return;
    const { flushAt, flushInterval } = this.#settings;
    if (this.#pending.size >= flushAt) void this.#endWindow();
    else this.#window ??= setTimeout(() => void this.#endWindow(), flushInterval).unref();
  }

  /** Loads posthog-node. Never rejects: without it, events are still sent, one window at a time. */
  load(): Promise<void> {
    return (this.#loading ??= this.#load().catch((error: unknown) => this.#doWithout(error)));
  }

  /** What the throttle has held back since the last call; undefined if nothing. */
  takeThrottleReport(): ThrottleReport | undefined {
    return this.#throttle.takeReport();
  }

  /** Hands all pending events to the queue now. If posthog-node batches them later, they are not sent again. */
  async release(): Promise<void> {
    this.#sendGathered();
    await this.queue.send(this.#take(this.#pending.keys()));
  }

  /** Writes all pending events to disk before it returns, for the end of a process. */
  store(): void {
    this.#sendGathered();
    this.queue.store(this.#take(this.#pending.keys()));
  }

  /** From now on, events are written straight to disk. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#window);
  }

  /** Sends the gathered runs of handlers: one event for each feature, which counts as all its runs. */
  #sendGathered(): void {
    clearTimeout(this.#completionWindow);
    this.#completionWindow = undefined;
    for (const { event, tier, span, count, properties } of this.#completions.take())
      this.#enqueue(
        {
          event,
          distinctId: this.#settings.distinctId,
          properties: eventProperties(this.#origin, tier, span, properties),
          timestamp: new Date().toISOString(),
          uuid: randomUuid(),
          urgent: false,
        },
        count,
      );
  }

  async #load(): Promise<void> {
    // Imported only once: a module loader that is gone by the second time would complain.
    this.#Client ??= (await untraced(() => import("./PostHogClient.js"))).PostHogClient;
    // posthog-node reads this global, which takes Node as long to load as posthog-node itself, about 20 ms. In its own
    // turn of the event loop it blocks for only half as long.
    await nextTurn();
    attempt(() => globalThis.Response);
    await nextTurn();
    const client = new this.#Client(this.#settings, (body) => this.#deliver(body));
    for (const { body } of this.#pending.values()) client.captureJson(String(body));
    this.#client = client;
  }

  async #endWindow(): Promise<void> {
    clearTimeout(this.#window);
    if (this.#isEnding) return;
    this.#isEnding = true;
    await this.load();
    try {
      await this.#client?.flush();
    } catch (error) {
      this.#doWithout(error);
    }
    if (this.#client === undefined) {
      this.#window = undefined;
      void this.release();
    }
    this.#isEnding = false;
  }

  /** Whether posthog-node took an event. It was loaded late, so its file may be of another version or incomplete. */
  #isTaken(body: string): boolean {
    try {
      this.#client?.captureJson(body);
    } catch (error) {
      this.#doWithout(error);
    }
    return this.#client !== undefined;
  }

  #doWithout(error: unknown): void {
    // The next window tries again: the process may have run out of file descriptors.
    this.#client = this.#loading = undefined;
    if (this.#isMissed) return;
    this.#isMissed = true;
    reportMissing("posthog-node", "events", error);
  }

  /** Sends posthog-node's own request body, unless some of its events have been sent or stored another way since. */
  #deliver(body: string): void {
    const { batch } = JSON.parse(body) as { readonly batch: readonly WireEvent[] };
    const records = this.#take(batch.map(({ uuid }) => uuid));
    void this.queue.send(records, records.length === batch.length ? body : undefined);
  }

  #take(ids: Iterable<string>): DeliveryRecord[] {
    return [...ids].flatMap((id) => {
      const record = this.#pending.get(id);
      this.#pending.delete(id);
      return record ?? [];
    });
  }
}

/** Builds the body for PostHog's batch endpoint from events that are already JSON, and reads its reply. */
export function batchFormat(key: string): RequestFormat {
  return {
    join: (records) => {
      const events = records.map(({ body }) => bytesOf(body).toString("utf8"));
      return `{"api_key":${JSON.stringify(key)},"batch":[${events.join(",")}],"sent_at":${JSON.stringify(new Date().toISOString())}}`;
    },
    readReply: (reply, records = []) => {
      const reading = readText(reply);
      const limited = attempt(
        () =>
          (JSON.parse(reply.body.toString("utf8")) as { quota_limited?: unknown } | null)
            ?.quota_limited,
      );
      const names = limited === undefined ? [] : [limited].flat();
      const isRefused = reading?.verdict === "refused" || reading?.verdict === "later";
      if (names.length === 0 || isRefused) return reading;
      // PostHog discards events beyond the quota of their kind although the status is 200.
      const rejected = countOf(
        records.filter(({ body }) =>
          names.includes(bytesOf(body).indexOf(EXCEPTION_START) === 0 ? "exceptions" : "events"),
        ),
      );
      return { rejected, reason: "quota_limited" };
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
