import type { Attributes } from "@opentelemetry/api";
import { newId } from "../resource/identity.js";
import type { Switches } from "./readPage.js";
import { attempt } from "../shared/attempt.js";
import { readMember } from "../shared/readMember.js";
import type { Pipe, PipeStats, Stats } from "../shared/Stats.js";
import { setTimeout } from "../shared/timers.js";
import { withinBudget } from "../shared/withinBudget.js";
import type { PageMessage, WorkerItem, WorkerMessage } from "./workerMessages.js";
import { CHANNEL, EVERYBODY } from "./workerMessages.js";

/** The default queue size of the BatchSpanProcessor. */
const MAX_HELD = 2_048;
/** How long spans are collected for one message, in ms: a message itself costs as much as many of the spans in it. */
const WINDOW_MS = 100;

/** Holds a worker's items for the page that sends, until that page acknowledges them. */
export class WorkerLink {
  /** Called with the session id when the page sends it. */
  onSession: (sessionId: string) => void = () => undefined;
  resource: Attributes = {};
  readonly #worker = newId();
  readonly #settings: Switches;
  #off: readonly Pipe[] = [];
  readonly #channel = new BroadcastChannel(CHANNEL);
  readonly #held = new Map<string, WorkerItem>();
  readonly #taken = { posthog: 0, otlp: 0 };
  readonly #dropped: Record<Pipe, Record<string, number>> = { posthog: {}, otlp: {} };
  #unsent: WorkerItem[] = [];
  #page: string | undefined;
  #isWaiting = false;
  #onEmpty: (() => void)[] = [];

  /** @param settings The worker's own settings. */
  constructor({ switches, environment }: Switches) {
    this.#settings = { switches, environment };
    this.#channel.onmessage = ({ data }) => attempt(() => this.#onMessage(data as PageMessage));
  }

  /** Whether the page has said that a pipe is off; it is the page that decides. */
  isOff(pipe: Pipe): boolean {
    return this.#off.includes(pipe);
  }

  /** Asks whether there is a page that sends. */
  open(): void {
    this.#post([]);
  }

  /** @param atOnce Send the item without waiting for others, because the worker may be about to end. */
  give(item: WorkerItem, atOnce: boolean): void {
    // A span may become an event too, so it is of use while either pipe is on.
    if (this.isOff("posthog") && (item.kind !== "span" || this.isOff("otlp"))) return;
    if (this.#held.size >= MAX_HELD) {
      this.#drop("not_taken", item);
      return;
    }
    this.#held.set(item.id, item);
    this.#unsent.push(item);
    if (atOnce) this.send();
    else if (!this.#isWaiting) {
      this.#isWaiting = true;
      setTimeout(() => this.send(), WINDOW_MS);
    }
  }

  /** Hands over what has not been sent yet, if there is a page. */
  send(): void {
    this.#isWaiting = false;
    if (this.#page === undefined || this.#unsent.length === 0) return;
    const items = this.#unsent.splice(0);
    if (this.#post(items)) return;
    // One of the items has a value that cannot be cloned.
    for (const item of items) if (!this.#post([item])) this.#drop("unserialisable", item);
  }

  /** Resolves when the page has taken everything, or when the time is up. */
  async empty(timeoutMs: number): Promise<void> {
    this.send();
    if (this.#held.size === 0) return;
    await withinBudget(new Promise<void>((resolve) => this.#onEmpty.push(resolve)), timeoutMs);
  }

  close(): void {
    this.#channel.close();
  }

  stats(): Stats {
    const of = (pipe: Pipe): PipeStats => {
      const pending = [...this.#held.values()].filter((item) => pipeOf(item) === pipe).length;
      const delivered = this.#taken[pipe];
      const dropped = { ...this.#dropped[pipe] };
      const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
      const accepted = pending + delivered + lost;
      return { accepted, delivered, replayed: 0, dropped, spooled: 0, pending };
    };
    return { posthog: of("posthog"), otlp: of("otlp") };
  }

  #onMessage(message: PageMessage): void {
    const { to, page, sessionId, off, taken } = message;
    if (to !== this.#worker && to !== EVERYBODY) return;
    for (const id of taken) {
      const item = this.#held.get(id);
      if (item !== undefined) this.#taken[pipeOf(item)] += 1;
      this.#held.delete(id);
    }
    if (this.#held.size === 0) for (const resolve of this.#onEmpty.splice(0)) resolve();
    this.#off = off;
    if (page === this.#page) return;
    this.#page = page;
    this.onSession(sessionId);
    // The new page lacks everything that the previous page did not acknowledge.
    this.#unsent = [...this.#held.values()];
    this.send();
  }

  #post(items: readonly WorkerItem[]): boolean {
    const message: WorkerMessage = {
      to: "page",
      page: this.#page,
      worker: this.#worker,
      resource: this.resource,
      settings: this.#settings,
      items,
    };
    return (
      attempt(() => {
        this.#channel.postMessage(message);
        return true;
      }) === true
    );
  }

  #drop(reason: string, item: WorkerItem): void {
    const dropped = this.#dropped[pipeOf(item)];
    dropped[reason] = (dropped[reason] ?? 0) + 1;
    this.#held.delete(item.id);
  }
}

function pipeOf(item: WorkerItem): Pipe {
  return readMember(item, "kind") === "span" ? "otlp" : "posthog";
}
