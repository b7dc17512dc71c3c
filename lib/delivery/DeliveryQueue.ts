import { attempt } from "../shared/attempt.js";
import type { Pipe } from "../shared/Stats.js";
import { clearTimeout, setTimeout } from "../shared/timers.js";
import type { CircuitBreakerOptions } from "./CircuitBreaker.js";
import { CircuitBreaker } from "./CircuitBreaker.js";
import type { Outcome } from "./classifyReply.js";
import { classifyReply, FINAL_FAILURES } from "./classifyReply.js";
import type { DeliveryRecord } from "./DeliveryRecord.js";
import { countOf, groupRecords, JSON_TYPE } from "./DeliveryRecord.js";
import type { DeliveryStats } from "./DeliveryStats.js";
import type { DiskQueueOptions } from "./disk/DiskQueue.js";
import { DiskQueue } from "./disk/DiskQueue.js";
import type { HttpTransportSettings } from "./HttpTransport.js";
import { HttpTransport } from "./HttpTransport.js";
import type { ReplayOptions } from "./Replay.js";
import { Replay, REPLAY_DEFAULTS } from "./Replay.js";
import { reportOutage, reportRefusal } from "./report.js";
import type { RequestFormat } from "./RequestFormat.js";
import { withinBudget } from "../shared/withinBudget.js";

/** Requests in flight at once, replay included. What comes beyond goes to disk instead of waiting in memory. */
const MAX_IN_FLIGHT = 8;
/** What is in flight for longer goes on disk too, in ms; an endpoint that works has answered by then. */
const PERSIST_AFTER_MS = 250;
/**
 * How often refused requests are cut in two before the endpoint has taken anything, so that one which refuses
 * everything is not flooded.
 */
const FIRST_CUTS = 140;
/** The same since it last took something: twice what it takes to find the one good item in a batch of 512. */
const MAX_CUTS = 1_024;
/** What a request that could not be put together comes to; a smaller one may be. */
const UNASSEMBLED: Outcome = { kind: "final", reason: "unassembled", divisible: true };
/** Reasons for giving something up in which no endpoint has spoken. */
const UNANSWERED: ReadonlySet<string> = new Set([...FINAL_FAILURES, UNASSEMBLED.reason]);

export interface DeliveryQueueOptions extends Partial<ReplayOptions> {
  readonly pipe: Pipe;
  readonly stats: DeliveryStats;
  readonly settings: HttpTransportSettings;
  readonly format: RequestFormat;
  /** Default: in memory only. */
  readonly disk?: DiskQueueOptions;
  readonly breaker?: CircuitBreakerOptions;
  /** Told of every request body before it is compressed and sent. */
  onRequest?(body: Uint8Array | string): void;
  /** Redacts the endpoint's own words, which may repeat what was sent. Default: they are not repeated. */
  redact?(text: string): string;
}

/** What became of records that were handed over. `kept` are on disk, and the queue goes on with them by itself. */
export type DeliveryResult =
  | { readonly status: "delivered"; readonly reply: Uint8Array | undefined }
  | { readonly status: "kept" | "dropped" | "unknown"; readonly reason: string };

/** Records that were refused together and are to be sent again in parts. */
interface Refused {
  readonly status: "cut";
  readonly parts: readonly (readonly DeliveryRecord[])[];
}

/**
 * Brings the records of one pipe to its endpoint: at once while it answers, by way of the disk while it does not.
 * Owns every count of the pipe: an item is accepted when it enters, and its record is handed over once, to `send`
 * or `store`. `persist` may come before either and counts nothing.
 */
export class DeliveryQueue {
  private readonly options: DeliveryQueueOptions & ReplayOptions;
  private readonly stats: DeliveryStats;
  private readonly disk: DiskQueue;
  private readonly transport: HttpTransport;
  private readonly breaker: CircuitBreaker;
  private readonly replay: Replay;
  /** Handed to `send` and in memory; the fate is open. */
  private readonly pending = new Map<string, DeliveryRecord>();
  /** Persisted ones that `close` left on disk; their owner may still hand them over. */
  private readonly leftOnDisk = new Set<string>();
  private readonly sends = new Set<Promise<unknown>>();
  /** Kinds of refusal that were reported. */
  private readonly reported = new Set<string>();
  private cutsLeft = FIRST_CUTS;
  private closed = false;

  constructor(options: DeliveryQueueOptions) {
    const { pipe, stats, settings } = options;
    this.options = { ...REPLAY_DEFAULTS, ...options };
    this.stats = stats;
    this.transport = new HttpTransport(settings);
    const split: DiskQueueOptions["split"] = (record) => options.format.split?.(record);
    this.disk = new DiskQueue(stats, { ...options.disk, split });
    let reportRecovery: ((outageMs: number) => void) | undefined;
    this.breaker = new CircuitBreaker(
      {
        onOpen: (reason) => (reportRecovery = reportOutage(pipe, settings.url, reason, stats)),
        onProbe: () => void this.replay.probe(),
        onClose: (outageMs) => {
          reportRecovery?.(outageMs);
          this.replay.schedule(0);
        },
      },
      options.breaker,
    );
    this.replay = new Replay(
      this.disk,
      this.breaker,
      this.options,
      async (records) => (await this.deliverEach([records])).status !== "kept",
    );
    this.replay.schedule();
  }

  /** An item enters the pipe. */
  accept(count: number): void {
    this.stats.accept(count);
  }

  /** A pending item is given up by its owner. */
  drop(reason: string, count: number): void {
    this.stats.drop(reason, count, "pending");
  }

  /** Whether a record of that id was handed over and its fate is open. */
  has(id: string): boolean {
    return this.pending.has(id) || this.disk.isWaiting(id);
  }

  /** Puts a record on disk before it returns. It stays pending: send or store it later under the same id. */
  persist(record: DeliveryRecord): void {
    this.disk.append([record], true);
  }

  /**
   * Sends records. Resolves, and never rejects, when they are settled or all on disk; that takes at most 250 ms,
   * after which the request goes on and what it carries stays pending until it is settled.
   *
   * @param body A ready request body of exactly these records; without it the format makes one.
   */
  async send(
    records: readonly DeliveryRecord[],
    body?: Uint8Array | string,
  ): Promise<DeliveryResult> {
    const { maxRecordsPerRequest, maxBytesPerRequest } = this.options;
    const obstacle = this.obstacle();
    if (obstacle !== undefined) {
      this.store(records);
      return { status: "kept", reason: obstacle };
    }
    // A client that tries again hands over what is here already.
    const fresh = records.filter(({ id }) => !this.has(id));
    if (fresh.length === 0) return { status: "kept", reason: "known" };
    for (const record of fresh) this.pending.set(record.id, record);
    const groups = groupRecords(fresh, maxRecordsPerRequest, maxBytesPerRequest);
    const isReady = groups.length === 1 && fresh.length === records.length;
    const work = this.deliverEach(groups, isReady ? body : undefined)
      // An error nobody thought of must neither reject in the host's process nor lose anything.
      .catch(() => this.keep(fresh, "internal"));
    this.sends.add(work);
    void work.then(() => this.sends.delete(work));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<DeliveryResult>((resolve) => {
      timer = setTimeout(() => {
        this.disk.append(
          fresh.filter(({ id }) => this.pending.has(id)),
          true,
        );
        resolve({ status: "kept", reason: "in_flight" });
      }, PERSIST_AFTER_MS).unref();
    });
    const result = await Promise.race([work, late]);
    clearTimeout(timer);
    return result;
  }

  /** Puts records on disk without trying to send them first: a burst, the end of a process. Synchronous. */
  store(records: readonly DeliveryRecord[]): void {
    const unwritten: DeliveryRecord[] = [];
    for (const record of records) {
      const { id } = record;
      const isPending = this.pending.delete(id);
      if (this.leftOnDisk.delete(id)) continue;
      if (this.disk.isWaiting(id)) {
        // A dead process left one of the same id, which was adopted while this one was on its way.
        if (isPending) this.stats.drop("duplicate", record.count, "pending");
        continue;
      }
      this.stats.spool(record.count);
      if (!this.disk.release(id)) unwritten.push(record);
    }
    this.disk.append(unwritten, false);
    if (this.closed) this.disk.dropUnwritten();
    else if (!this.breaker.isOpen) this.replay.schedule();
  }

  /**
   * Sends what is in flight and on disk, that of dead processes too, until all is settled or the endpoint does not
   * answer, in at most `timeoutMs`. Never rejects; holds the process while it waits.
   */
  async flush(timeoutMs: number): Promise<void> {
    const replayed = this.whenIdle().then(() => this.replay.run());
    await withinBudget(
      replayed.then(() => this.whenIdle()),
      timeoutMs,
    );
  }

  /** Waits for what is in flight, at most `timeoutMs`, and leaves the disk alone. Never rejects. */
  async drain(timeoutMs: number): Promise<void> {
    await withinBudget(this.whenIdle(), timeoutMs);
  }

  /** Puts what is in flight on disk too, in case the process dies next; it is not given up. Synchronous. */
  persistPending(): void {
    this.disk.append([...this.pending.values()], true);
  }

  /** Does early what the first request would do, where it could not later. Never rejects. */
  async prepare(): Promise<void> {
    await this.transport.prepare().catch(() => undefined);
  }

  /** Ends the look-ups of names, which would hold the process at its natural end. */
  cancelLookups(): void {
    this.transport.cancelLookups();
  }

  /**
   * Waits for what is in flight, at most `timeoutMs`, then ends it and leaves it on disk. Afterwards nothing is
   * pending here, and what is handed over later goes to disk. Never rejects.
   */
  async close(timeoutMs: number): Promise<void> {
    await withinBudget(Promise.all([this.whenIdle(), this.replay.stop()]), timeoutMs);
    this.closeNow();
  }

  /** What `close` does when its time is over. Synchronous, for the exit of a process. */
  closeNow(): void {
    if (this.closed) return;
    this.closed = true;
    void this.replay.stop();
    this.breaker.dispose();
    for (const { id, count } of this.disk.releaseAll()) {
      this.stats.spool(count);
      if (!this.pending.delete(id)) this.leftOnDisk.add(id);
    }
    this.store([...this.pending.values()]);
    this.disk.close();
    this.transport.close();
  }

  /** Why nothing can be sent now. */
  private obstacle(): string | undefined {
    if (this.closed) return "closed";
    if (this.breaker.isOpen) return "circuit_open";
    return this.transport.inFlight >= MAX_IN_FLIGHT ? "busy" : undefined;
  }

  /** Sends one group after the other. What follows a failure is kept without being tried. */
  private async deliverEach(
    groups: readonly (readonly DeliveryRecord[])[],
    body?: Uint8Array | string,
  ): Promise<DeliveryResult> {
    const whole = [...groups];
    const halves: (readonly DeliveryRecord[])[] = [];
    let result: DeliveryResult | undefined;
    for (let turn = 0; whole.length + halves.length > 0; turn++) {
      // The largest half and the smallest in turn: one soon finds what is good where much of it lies together, the other
      // where there is little of it.
      const group = whole.shift() ?? (turn % 2 === 1 ? halves.shift() : halves.pop()) ?? [];
      const next =
        result?.status === "kept"
          ? this.keep(group, result.reason)
          : await this.deliver(group, group === groups[0] ? body : undefined);
      if (next.status === "cut") {
        halves.push(...next.parts);
        halves.sort((one, other) => countOf(other) - countOf(one));
      } else if (result === undefined || next.status === "kept" || result.status === "dropped")
        result = next;
      // No single reply speaks of several requests.
      else result = { status: "delivered", reply: undefined };
    }
    return result ?? { status: "delivered", reply: undefined };
  }

  /** Sends one group, in memory or on disk, and counts what became of it. */
  private async deliver(
    records: readonly DeliveryRecord[],
    ready?: Uint8Array | string,
  ): Promise<DeliveryResult | Refused> {
    const outcome = await this.request(records, ready);
    // By then `close` has left all of them on disk.
    if (this.closed) return { status: "kept", reason: "closed" };
    const { kind, reason = "rejected" } = outcome;
    if (kind === "retry") {
      this.breaker.fail(reason, outcome.retryAfterMs);
      return this.keep(records, reason);
    }
    // An answer that refuses what was sent is still an answer.
    if (!UNANSWERED.has(reason)) this.breaker.succeed();
    if (kind === "unknown") {
      this.settle(records, 0, reason, "unknown");
      return { status: "unknown", reason };
    }
    if (kind === "delivered") {
      const { rejected, reply, message } = outcome;
      if (rejected < countOf(records)) this.cutsLeft = MAX_CUTS;
      if (rejected > 0) this.report(reason, message);
      this.settle(records, rejected, reason);
      return { status: "delivered", reply: reply.body };
    }
    const parts = outcome.divisible && this.cutsLeft > 0 ? this.cut(records) : undefined;
    if (parts !== undefined) {
      this.cutsLeft--;
      return { status: "cut", parts };
    }
    this.report(reason, outcome.message);
    this.settle(records, Infinity, reason);
    return { status: "dropped", reason };
  }

  private async request(
    records: readonly DeliveryRecord[],
    ready: Uint8Array | string | undefined,
  ): Promise<Outcome> {
    const { format } = this.options;
    const body = ready ?? attempt(() => format.join(records));
    if (body === undefined) return UNASSEMBLED;
    attempt(() => this.options.onRequest?.(body));
    const result = await this.transport.post(body, records[0]?.contentType ?? JSON_TYPE);
    return classifyReply(result, format, records);
  }

  /** Says once for each kind that something is refused for good, and why as the endpoint has it. */
  private report(reason: string, message: string | undefined): void {
    if (this.reported.has(reason)) return;
    this.reported.add(reason);
    const { pipe, settings } = this.options;
    const words = message === undefined ? undefined : attempt(() => this.options.redact?.(message));
    reportRefusal(pipe, settings.url, reason, words);
  }

  /** Cuts what was refused for good in two, so that only what is at fault is given up. */
  private cut(records: readonly DeliveryRecord[]): (readonly DeliveryRecord[])[] | undefined {
    const middle = records.length >> 1;
    if (middle > 0) return [records.slice(0, middle), records.slice(middle)];
    const [record] = records;
    // The disk queue may have dropped it meanwhile for want of room.
    if (record === undefined || !this.has(record.id)) return undefined;
    const parts = attempt(() => this.options.format.split?.(record)) ?? [];
    if (parts.length < 2 || countOf(parts) !== record.count) return undefined;
    const isPending = this.pending.delete(record.id);
    if (isPending) for (const part of parts) this.pending.set(part.id, part);
    if (this.disk.has(record.id)) this.disk.append(parts, isPending);
    this.disk.settle([record.id]);
    return parts.map((part) => [part]);
  }

  /** Leaves records to the disk; those that were replayed are there already. */
  private keep(records: readonly DeliveryRecord[], reason: string): DeliveryResult {
    this.store(records.filter(({ id }) => this.pending.has(id)));
    return { status: "kept", reason };
  }

  /** Forgets records; so many of their items were given up, and the rest was delivered, or its fate is not known. */
  private settle(
    records: readonly DeliveryRecord[],
    given: number,
    reason: string,
    rest: "deliver" | "unknown" = "deliver",
  ): void {
    // What the disk queue dropped meanwhile for want of room is neither, and counted already.
    const pending = countOf(records.filter(({ id }) => this.pending.delete(id)));
    const spooled = countOf(records.filter(({ id }) => this.disk.isWaiting(id)));
    const first = Math.min(given, pending);
    const second = Math.min(given - first, spooled);
    this.stats.drop(reason, first, "pending");
    this.stats[rest](pending - first, "pending");
    this.stats.drop(reason, second, "spooled");
    this.stats[rest](spooled - second, "spooled");
    this.disk.settle(records.map(({ id }) => id));
  }

  private async whenIdle(): Promise<void> {
    while (this.sends.size > 0) await Promise.all(this.sends);
  }
}
