import type { Courier } from "../delivery/Courier.js";
import type { Ledger } from "../delivery/Ledger.js";
import type { Parcel } from "../delivery/Parcel.js";
import type { Redactor } from "../redaction/Redactor.js";
import type { EventThrottle, ThrottleReport } from "./EventThrottle.js";
import type { EventClient } from "./LandPostHog.js";
import { loadEventClient } from "./loadEventClient.js";
import type { EventSink, MirrorEvent } from "./MirrorEvent.js";
import { toWireEvent } from "./toWireEvent.js";

/** Events in memory at once; a burst beyond it goes to the spool. As many as posthog-node's own queue holds. */
const MAX_PENDING = 10_000;
/** What posthog-node has not handed on after two windows or this long, it never will, in ms. */
const OVERDUE_MS = 30_000;

/** What the pipe is made of. */
export interface PostHogPipeParts {
  readonly key: string;
  readonly host: string;
  readonly flushAt: number;
  readonly flushInterval: number;
  readonly redactor: Redactor;
  readonly throttle: EventThrottle;
  readonly ledger: Ledger;
  readonly courier: Courier;
}

/**
 * The PostHog pipe: an event is redacted and serialised once, put on disk when it is urgent, and handed to
 * posthog-node, which keeps the window and the batch. What posthog-node wants to send comes back to the courier,
 * which delivers, retries and acknowledges.
 *
 * posthog-node is loaded when the first window ends. Until then, and when the process ends before, the pipe
 * holds the events itself.
 */
export class PostHogPipe implements EventSink {
  readonly #parts: PostHogPipeParts;
  /** Everything that is not yet the courier's, by uuid. */
  readonly #pending = new Map<string, Parcel>();
  /** Events that posthog-node has not seen yet. */
  #waiting: MirrorEvent[] = [];
  #client: EventClient | undefined;
  #loading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #sweep: NodeJS.Timeout | undefined;
  /** What was pending when the last sweep came by. */
  #old: ReadonlySet<string> = new Set();
  #closed = false;
  #isEnding = false;

  constructor(parts: PostHogPipeParts) {
    this.#parts = parts;
  }

  admit(event: string, fingerprint: string | undefined): boolean {
    if (this.#parts.throttle.admit(event, fingerprint)) return true;
    this.#parts.ledger.accept(1);
    this.#parts.ledger.drop("throttled", 1, "pending");
    return false;
  }

  send(event: MirrorEvent): void {
    const { ledger, courier, redactor } = this.#parts;
    ledger.accept(1);
    const body = toWireEvent(event, redactor);
    if (body === undefined) {
      ledger.drop("unserialisable", 1, "pending");
      return;
    }
    const parcel: Parcel = { id: event.uuid, count: 1, urgent: event.urgent, body };
    if (this.#pending.has(event.uuid) || courier.has(event.uuid)) {
      // The same span under the same name: one event by identity, wherever it is sent from.
      ledger.drop("duplicate", 1, "pending");
      return;
    }
    if (event.urgent) courier.writeAhead(parcel);
    if (this.#closed || this.#pending.size >= MAX_PENDING) {
      courier.spill([parcel]);
      return;
    }
    this.#pending.set(event.uuid, parcel);
    this.#waiting.push(event);
    // It holds the process for a turn. Else an idle event loop would sleep before it.
    if (this.#client !== undefined) {
      this.#immediate ??= setImmediate(() => this.#handOver(this.#client));
      if (this.#isEnding) this.#immediate.unref();
    } else this.#startLoading();
  }

  /** What the throttle held back since the last call. */
  takeThrottleReport(): ThrottleReport | undefined {
    return this.#parts.throttle.takeReport();
  }

  /** What the last moment of the process would else have to load; see `prepareLater`. */
  preparations(): readonly (() => void)[] {
    // Loading the client is what the first window would else begin with.
    return [() => void loadEventClient().catch(() => undefined)];
  }

  /** Hands everything pending to the courier for a last attempt; the courier decides what is still sent. */
  release(): Promise<void> {
    return this.#parts.courier.send(this.#takeAll());
  }

  /** Holds the process no more: a listener of `beforeExit` that captures an event would else be called for ever. */
  letGo(): void {
    this.#isEnding = true;
    this.#immediate?.unref();
  }

  /** Writes everything pending to the spool, at once: for the end of a process. */
  spill(): void {
    this.#parts.courier.spill(this.#takeAll());
  }

  /** After this, events go straight to the spool. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    clearInterval(this.#sweep);
    this.#client?.stop();
  }

  /** Not at the call that made the event: posthog-node takes longer over one than everything else here. */
  #handOver(client: EventClient | undefined): void {
    this.#immediate = undefined;
    for (const event of this.#waiting.splice(0)) {
      try {
        client?.enqueue(event);
      } catch {
        // What posthog-node does not take goes on without it.
        this.#dispatch([event.uuid]);
      }
    }
  }

  /** Takes over what posthog-node was given and keeps for itself, as it may when its queue is full. */
  #takeOverdue(): void {
    this.#dispatch([...this.#old].filter((uuid) => this.#pending.has(uuid)));
    this.#old = new Set(this.#pending.keys());
  }

  #startLoading(): void {
    if (this.#loading !== undefined) return;
    const { flushAt, flushInterval } = this.#parts;
    if (this.#waiting.length >= flushAt) {
      this.#load();
      return;
    }
    this.#timer ??= setTimeout(() => this.#load(), flushInterval).unref();
  }

  #load(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#loading ??= loadEventClient()
      .then(({ createEventClient }) => {
        if (this.#closed) return;
        const { key, host, flushAt, flushInterval } = this.#parts;
        const client = createEventClient({
          key,
          host,
          flushAt,
          flushInterval,
          take: (uuids) => this.#dispatch(uuids),
        });
        this.#client = client;
        this.#sweep = setInterval(
          () => this.#takeOverdue(),
          Math.max(OVERDUE_MS, 2 * flushInterval),
        ).unref();
        // In a turn of its own: making the client was one long enough.
        clearImmediate(this.#immediate);
        this.#immediate = setImmediate(() => {
          this.#handOver(client);
          try {
            client.flush();
          } catch {
            // Its own window comes to it.
          }
        });
      })
      .catch(() => {
        // Without posthog-node the events still leave, one window at a time.
        this.#loading = undefined;
        this.#waiting = [];
        void this.release();
      });
  }

  #dispatch(uuids: readonly string[]): void {
    const parcels: Parcel[] = [];
    for (const uuid of uuids) {
      const parcel = this.#pending.get(uuid);
      if (parcel === undefined) continue;
      this.#pending.delete(uuid);
      parcels.push(parcel);
    }
    void this.#parts.courier.send(parcels);
  }

  #takeAll(): Parcel[] {
    this.#waiting = [];
    const parcels = [...this.#pending.values()];
    this.#pending.clear();
    return parcels;
  }
}
