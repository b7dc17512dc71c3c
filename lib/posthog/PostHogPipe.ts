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

/** Events in memory at once, as many as posthog-node's own queue holds; the rest of a burst goes to disk. */
const MAX_PENDING = 10_000;
/** Events in one request: what posthog-node sends at most, unless `flushAt` is more. */
const MAX_EVENTS_PER_REQUEST = 100;
/** Bodies above it are gzipped; below, the saving is less than the cost. */
const GZIP_ABOVE_BYTES = 1_024;
/** One request, in milliseconds: posthog-node's own. */
const TIMEOUT_MS = 10_000;

/** How a serialized `$exception` begins; PostHog has a quota of its own for them. */
const EXCEPTION_START = '{"event":"$exception"';

/** What the pipe is made of. */
export interface PostHogPipeOptions {
  readonly configuration: Configuration;
  readonly redactor: Redactor;
  readonly stats: DeliveryStats;
  readonly recorder: PayloadRecorder | undefined;
  readonly sessionId: string;
}

/**
 * The PostHog pipe: an event is redacted and serialised once, put on disk when it is urgent, and handed to
 * posthog-node, which keeps the window and the batch. The request body that posthog-node makes is what the delivery
 * queue sends. Events wait here until posthog-node is loaded, at the end of the first window, and are sent without it
 * when it cannot be loaded or the process ends before.
 */
export class PostHogPipe implements EventSink {
  /** Owns the events that have left this pipe, and every count. */
  readonly queue: DeliveryQueue;
  readonly #settings: Configuration["posthog"];
  readonly #redactor: Redactor;
  readonly #throttle: EventThrottle;
  readonly #filter: ErrorFilter;
  readonly #completions: HandlerCompletions;
  readonly #origin: EventOrigin;
  #completionWindow: NodeJS.Timeout | undefined;
  /** Everything that is not yet the queue's, by uuid. */
  readonly #pending = new Map<string, DeliveryRecord>();
  #Client: typeof PostHogClient | undefined;
  #client: PostHogClient | undefined;
  #loading: Promise<void> | undefined;
  /** Ends a window that posthog-node does not keep: the first one, and each one without it. */
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

  /** @param count What the event counts for in the ledger, and has been accepted as. */
  #enqueue(event: PostHogEvent, count: number): void {
    const { uuid: id, urgent } = event;
    // The same span under the same name is one event, wherever it comes from.
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

  /** Loads posthog-node. Never rejects: without it the events are still sent, one window at a time. */
  load(): Promise<void> {
    return (this.#loading ??= this.#load().catch((error: unknown) => this.#doWithout(error)));
  }

  /** What the throttle held back since the last call. */
  takeThrottleReport(): ThrottleReport | undefined {
    return this.#throttle.takeReport();
  }

  /** Hands everything pending to the queue at once; what posthog-node still makes of it is not sent again. */
  async release(): Promise<void> {
    this.#sendGathered();
    await this.queue.send(this.#take(this.#pending.keys()));
  }

  /** Writes everything pending to disk, at once: for the end of a process. */
  store(): void {
    this.#sendGathered();
    this.queue.store(this.#take(this.#pending.keys()));
  }

  /** After this, events go straight to disk. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#window);
  }

  /** The runs of handlers that were gathered, one event for each feature, which counts as all of them. */
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
    // Not asked for again once it is there: a loader that is gone by then would complain.
    this.#Client ??= (await untraced(() => import("./PostHogClient.js"))).PostHogClient;
    // posthog-node asks for this global, which takes Node as long to load as posthog-node itself: some 20 ms. In a turn
    // of its own it blocks the event loop half as long.
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

  /** Whether posthog-node has taken an event. What was loaded late may be of another version, or half a file. */
  #isTaken(body: string): boolean {
    try {
      this.#client?.captureJson(body);
    } catch (error) {
      this.#doWithout(error);
    }
    return this.#client !== undefined;
  }

  #doWithout(error: unknown): void {
    // The next window tries again: the process may have had no descriptor left.
    this.#client = this.#loading = undefined;
    if (this.#isMissed) return;
    this.#isMissed = true;
    reportMissing("posthog-node", "events", error);
  }

  /** Sends posthog-node's own request body, unless some of its events have left by another way meanwhile. */
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

/** The request body of PostHog's batch endpoint, of events that are JSON already, and what it says of them. */
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
      // What is beyond the quota of its kind is not kept, although the status is 200.
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
