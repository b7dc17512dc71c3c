import type { Pipe } from "../shared/Stats.js";
import { Agents } from "./agents.js";
import type { BreakerOptions } from "./Breaker.js";
import { Breaker } from "./Breaker.js";
import type { Outcome, ReadResponse } from "./classify.js";
import { classify } from "./classify.js";
import type { Ledger, OpenState } from "./Ledger.js";
import type { Parcel } from "./Parcel.js";
import { countOf } from "./Parcel.js";
import { post } from "./post.js";
import type { OutageBooks } from "./reportOutage.js";
import { reportOutage, reportRecovery, sumDropped } from "./reportOutage.js";
import { splitIntoPosts } from "./splitIntoPosts.js";
import type { SpoolOptions } from "./Spool.js";
import { Spool } from "./Spool.js";
import { withinBudget } from "./withinBudget.js";

/** Requests under way at once, replay included; what comes beyond goes to the spool instead of waiting in memory. */
const MAX_POSTS_IN_FLIGHT = 8;
/** What was adopted or spooled is sent this long after, in ms: the start and the burst go first. */
const REPLAY_DELAY_MS = 1_000;

/** The default for one post in all, in ms: what the OTLP exporter and posthog-node both take. */
const TIMEOUT_MS = 10_000;
/** Half of what a collector accepts in one request by default. */
const MAX_BYTES_PER_POST = 4 * 1024 * 1024;

/** What a courier needs to know of its pipe. */
export interface CourierOptions {
  readonly pipe: Pipe;
  /** Where to post. */
  readonly url: string;
  /** Sent with every post, beside the content type. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly ledger: Ledger;
  readonly breaker?: BreakerOptions;
  readonly spool?: SpoolOptions;
  /** Makes one request body of parcels, which may come from the spool of an earlier process (bodies as bytes). */
  assemble(parcels: readonly Parcel[]): Uint8Array | string;
  /** Default `application/json`. */
  readonly contentType?: string;
  /** Default 1. */
  readonly maxParcelsPerPost?: number;
  /** Default 4 MiB; a parcel above it goes alone. */
  readonly maxBytesPerPost?: number;
  /** Reads partial success out of a 2xx reply. */
  readonly readResponse?: ReadResponse;
  /** Halves a parcel that was answered 413; undefined when it cannot. The parts get ids of their own and its count in sum. */
  split?(parcel: Parcel): readonly Parcel[] | undefined;
  /** The whole of one post, in ms. Default 10,000. */
  readonly timeoutMs?: number;
  /** Bodies above this are gzipped. Default: none. */
  readonly gzipAboveBytes?: number;
  /** Told of the size of every request body before compression. */
  onSent?(bytes: number): void;
  /** In ms; for tests. Default {@link REPLAY_DELAY_MS}. */
  readonly replayDelayMs?: number;
}

/**
 * Brings the parcels of one pipe to the far end: by post while it answers, by way of the spool while it does not.
 *
 * The caller counts a parcel with `ledger.accept(parcel.count)` when its span ends or its event is captured, and
 * hands it over once: by `send` or by `spill`. From then on the courier moves the count. `writeAhead` may come
 * before either and counts nothing.
 */
export class Courier {
  private readonly spool: Spool;
  private readonly breaker: Breaker;
  private readonly url: URL | undefined;
  private readonly agents = new Agents();
  /** Handed over, in memory, fate open. */
  private readonly pending = new Map<string, Parcel>();
  private readonly abort = new AbortController();
  private readonly idleWaiters = new Set<() => void>();
  private postsInFlight = 0;
  private sends = 0;
  private everSpooled = 0;
  private booksAtOpen: OutageBooks = { everSpooled: 0, dropped: 0 };
  private replaying: Promise<void> | undefined;
  private replayTimer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly options: CourierOptions) {
    const { ledger, pipe } = options;
    this.url = URL.canParse(options.url) ? new URL(options.url) : undefined;
    const host = this.url?.host ?? options.url;
    this.spool = new Spool(
      {
        onDrop: (reason, count) => ledger.drop(reason, count, "spooled"),
        onAdopt: (count) => ledger.adopt(count),
      },
      options.spool,
    );
    this.breaker = new Breaker(
      {
        onOpen: (reason) => {
          this.booksAtOpen = this.books();
          reportOutage(pipe, host, reason);
        },
        onProbe: () => this.probe(),
        onClose: (outageMs) => {
          reportRecovery(pipe, host, outageMs, this.booksAtOpen, this.books());
          this.scheduleReplay(0);
        },
      },
      options.breaker,
    );
  }

  /** Whether the far end is taken as gone: parcels then go straight to the spool. One field read. */
  get isOpen(): boolean {
    return this.breaker.isOpen;
  }

  /** Puts a parcel on disk before it returns. It stays pending: `send` or `spill` it later under the same id. */
  writeAhead(parcel: Parcel): void {
    if (!this.closed) this.spool.append(parcel, true);
  }

  /** Resolves, never rejects, when each parcel is delivered, spooled or dropped. */
  async send(parcels: readonly Parcel[]): Promise<void> {
    if (this.closed || this.breaker.isOpen || this.postsInFlight >= MAX_POSTS_IN_FLIGHT) {
      this.spill(parcels);
      return;
    }
    this.sends++;
    for (const parcel of parcels) this.pending.set(parcel.id, parcel);
    const { maxParcelsPerPost = 1, maxBytesPerPost = MAX_BYTES_PER_POST } = this.options;
    for (const group of splitIntoPosts(parcels, maxParcelsPerPost, maxBytesPerPost)) await this.deliver(group, "pending");
    this.sends--;
    this.wakeIdle();
  }

  /** Puts parcels into the spool at once, without trying to send them first. */
  spill(parcels: readonly Parcel[]): void {
    for (const parcel of parcels) {
      this.pending.delete(parcel.id);
      this.everSpooled += parcel.count;
      this.options.ledger.spool(parcel.count);
      if (this.spool.has(parcel.id)) this.spool.release(parcel.id);
      else this.spool.append(parcel, false);
    }
    if (this.closed) this.loseMemory();
    else if (!this.breaker.isOpen) this.scheduleReplay();
  }

  /** Waits until all is delivered or the far end is known to be gone, at most `deadlineMs`. Never rejects. */
  async flush(deadlineMs: number): Promise<void> {
    await withinBudget(this.settleAll(), deadlineMs);
  }

  /**
   * Stops: waits for what is under way at most `deadlineMs`, then ends it and spools it. Afterwards nothing is
   * pending here. Never rejects.
   */
  async close(deadlineMs: number): Promise<void> {
    if (!this.closed) await withinBudget(this.idle(), deadlineMs);
    this.closeNow();
  }

  /** What `close` does with no time left; synchronous, for the exit of a process. */
  closeNow(): void {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.replayTimer);
    this.breaker.dispose();
    this.spill([...this.pending.values()]);
    const held = this.spool.releaseAll();
    this.everSpooled += held;
    this.options.ledger.spool(held);
    this.loseMemory();
    this.abort.abort();
    this.agents.destroy();
    this.wakeIdle();
  }

  private async settleAll(): Promise<void> {
    await this.idle();
    while (!this.closed && !this.breaker.isOpen) {
      const before = this.spool.available;
      if (before === 0) return;
      await this.replay(false);
      if (this.spool.available >= before) return;
    }
  }

  private idle(): Promise<void> {
    if (this.sends === 0) return Promise.resolve();
    return new Promise((resolve) => this.idleWaiters.add(resolve));
  }

  private wakeIdle(): void {
    if (this.sends > 0 && !this.closed) return;
    for (const wake of this.idleWaiters) wake();
    this.idleWaiters.clear();
  }

  private async deliver(parcels: readonly Parcel[], from: OpenState): Promise<boolean> {
    if (from === "pending" && this.breaker.isOpen) {
      this.spill(parcels.filter(({ id }) => this.pending.has(id)));
      return false;
    }
    const outcome = await this.post(parcels);
    // Closed meanwhile: everything was spooled, and counts as such.
    if (this.closed) return false;
    switch (outcome.kind) {
      case "delivered":
        this.breaker.succeed();
        this.finish(parcels, from, outcome.rejected, "rejected");
        return true;
      case "retry":
        this.breaker.fail(outcome.reason, outcome.retryAfterMs);
        if (from === "pending") this.spill(parcels);
        return false;
      case "final":
        this.breaker.succeed();
        return this.giveUp(parcels, from, outcome);
    }
  }

  private async giveUp(parcels: readonly Parcel[], from: OpenState, outcome: Extract<Outcome, { kind: "final" }>): Promise<boolean> {
    if (parcels.length > 1 && outcome.divisible) {
      const middle = parcels.length >> 1;
      const first = await this.deliver(parcels.slice(0, middle), from);
      const second = await this.deliver(parcels.slice(middle), from);
      return first && second;
    }
    this.finish(parcels, from, Infinity, outcome.reason);
    return true;
  }

  private finish(parcels: readonly Parcel[], from: OpenState, rejected: number, reason: string): void {
    const { ledger } = this.options;
    const total = countOf(parcels);
    const dropped = Math.min(rejected, total);
    for (const { id } of parcels) this.pending.delete(id);
    ledger.delivered(total - dropped, from);
    ledger.drop(reason, dropped, from);
    this.spool.settle(parcels.map(({ id }) => id));
  }

  private async post(parcels: readonly Parcel[]): Promise<Outcome> {
    const { options, url, agents } = this;
    if (url === undefined) return { kind: "final", reason: "invalid_url", divisible: false };
    let body: Uint8Array | string;
    try {
      body = options.assemble(parcels);
      options.onSent?.(typeof body === "string" ? Buffer.byteLength(body) : body.byteLength);
    } catch {
      return { kind: "final", reason: "unassembled", divisible: true };
    }
    this.postsInFlight++;
    const result = await post({
      url,
      agents,
      body,
      headers: { ...options.headers, "content-type": options.contentType ?? "application/json" },
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      signal: this.abort.signal,
      ...(options.gzipAboveBytes === undefined ? {} : { gzipAboveBytes: options.gzipAboveBytes }),
    });
    this.postsInFlight--;
    return classify(result, options.readResponse?.bind(options));
  }

  private probe(): void {
    // With nothing to try, the next send is the try: one more failure opens again.
    if (this.spool.available === 0) this.breaker.succeed();
    else void this.replay(true);
  }

  private replay(probing: boolean): Promise<void> {
    this.replaying ??= this.replayLoop(probing).finally(() => (this.replaying = undefined));
    return this.replaying;
  }

  private async replayLoop(probing: boolean): Promise<void> {
    clearTimeout(this.replayTimer);
    this.replayTimer = undefined;
    const { maxParcelsPerPost = 1, maxBytesPerPost = MAX_BYTES_PER_POST } = this.options;
    while (!this.closed && (probing || !this.breaker.isOpen)) {
      const parcels = this.spool.take(maxParcelsPerPost, maxBytesPerPost);
      if (parcels.length === 0) return;
      if (!(await this.deliver(parcels, "spooled"))) {
        if (!this.breaker.isOpen) this.scheduleReplay();
        return;
      }
    }
  }

  private scheduleReplay(delayMs = this.options.replayDelayMs ?? REPLAY_DELAY_MS): void {
    if (this.closed || this.replayTimer !== undefined) return;
    this.replayTimer = setTimeout(() => void this.replay(false), delayMs);
    this.replayTimer.unref();
  }

  private loseMemory(): void {
    this.options.ledger.drop("spool_unavailable", this.spool.close(), "spooled");
  }

  private books(): OutageBooks {
    return { everSpooled: this.everSpooled, dropped: sumDropped(this.options.ledger.stats()) };
  }
}
