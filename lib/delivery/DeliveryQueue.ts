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

/** Maximum requests in flight, replay included. Above it records go to disk instead of waiting in memory. */
const MAX_IN_FLIGHT = 8;
/** A request still in flight after this many ms is also written to disk; a working endpoint has answered by then. */
const PERSIST_AFTER_MS = 250;
/**
 * How many times refused requests may be split in two before the endpoint has taken anything, so that an endpoint
 * which refuses everything is not flooded.
 */
const MAX_SPLITS_BEFORE_SUCCESS = 140;
/** The same since the endpoint last took something: twice what finding the one good item in a batch of 512 takes. */
const MAX_SPLITS = 1_024;
/** The outcome when the request body could not be built; a smaller one may succeed. */
const UNASSEMBLED: Outcome = { kind: "final", reason: "unassembled", divisible: true };
/** Reasons for giving something up that do not come from an endpoint's answer. */
const UNANSWERED: ReadonlySet<string> = new Set([...FINAL_FAILURES, UNASSEMBLED.reason]);

export interface DeliveryQueueOptions extends Partial<ReplayOptions> {
  readonly pipe: Pipe;
  readonly stats: DeliveryStats;
  readonly settings: HttpTransportSettings;
  readonly format: RequestFormat;
  /** Default: in memory only. */
  readonly disk?: DiskQueueOptions;
  readonly breaker?: CircuitBreakerOptions;
  /** Called with every request body before it is compressed and sent. */
  onRequest?(body: Uint8Array | string): void;
  /** Redacts the endpoint's message, which may repeat what was sent. Default: the message is not reported. */
  redact?(text: string): string;
}

/** What became of records that were passed in. `kept` ones are on disk, and the queue will send them later. */
export type DeliveryResult =
  | { readonly status: "delivered"; readonly reply: Uint8Array | undefined }
  | { readonly status: "kept" | "dropped" | "unknown"; readonly reason: string };

/** Records that were refused together and are to be sent again as separate parts. */
interface Refused {
  readonly status: "split";
  readonly parts: readonly (readonly DeliveryRecord[])[];
}

/**
 * Delivers the records of one pipe to its endpoint: directly while the endpoint answers, through the disk while it
 * does not. Owns every count of the pipe: an item is accepted when it enters, and its record is passed in once, to
 * `send` or `store`. `persist` may be called before either and changes no count.
 */
export class DeliveryQueue {
  private readonly options: DeliveryQueueOptions & ReplayOptions;
  private readonly stats: DeliveryStats;
  private readonly disk: DiskQueue;
  private readonly transport: HttpTransport;
  private readonly breaker: CircuitBreaker;
  private readonly replay: Replay;
  /** Records passed to `send` that are in memory and not settled yet. */
  private readonly pending = new Map<string, DeliveryRecord>();
  /** Ids of persisted records that `close` left on disk; their owner may still pass them in. */
  private readonly leftOnDisk = new Set<string>();
  private readonly sends = new Set<Promise<unknown>>();
  /** Reasons for refusal that have been reported. */
  private readonly reported = new Set<string>();
  private splitsLeft = MAX_SPLITS_BEFORE_SUCCESS;
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

  /** Counts items that enter the pipe. */
  accept(count: number): void {
    this.stats.accept(count);
  }

  /** The owner gives up pending items. */
  drop(reason: string, count: number): void {
    this.stats.drop(reason, count, "pending");
  }

  /** Whether a record with this id was passed in and is not settled yet. */
  has(id: string): boolean {
    return this.pending.has(id) || this.disk.isWaiting(id);
  }

  /** Writes a record to disk before returning. It stays pending: send or store it later under the same id. */
  persist(record: DeliveryRecord): void {
    this.disk.append([record], true);
  }

  /**
   * Sends records. Never rejects; resolves when they are settled or all on disk, after at most 250 ms. A request that
   * takes longer continues, and its records stay pending until they are settled.
   *
   * @param body A ready request body for exactly these records; without it the format builds one.
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
    // A client that retries passes in records that are already here.
    const fresh = records.filter(({ id }) => !this.has(id));
    if (fresh.length === 0) return { status: "kept", reason: "known" };
    for (const record of fresh) this.pending.set(record.id, record);
    const groups = groupRecords(fresh, maxRecordsPerRequest, maxBytesPerRequest);
    const isReady = groups.length === 1 && fresh.length === records.length;
    const work = this.deliverEach(groups, isReady ? body : undefined)
      // An unforeseen error must neither become a rejection in the host's process nor lose any records.
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

  /** Writes records to disk without trying to send them first, for a burst or at the end of a process. Synchronous. */
  store(records: readonly DeliveryRecord[]): void {
    const unwritten: DeliveryRecord[] = [];
    for (const record of records) {
      const { id } = record;
      const isPending = this.pending.delete(id);
      if (this.leftOnDisk.delete(id)) continue;
      if (this.disk.isWaiting(id)) {
        // A dead process left a record with the same id, and it was adopted while this one was in flight.
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
   * Waits for what is in flight and sends what is on disk, including what dead processes left, until everything is
   * settled, the endpoint does not answer or `timeoutMs` is over. Never rejects; keeps the process alive meanwhile.
   */
  async flush(timeoutMs: number): Promise<void> {
    const replayed = this.whenIdle().then(() => this.replay.run());
    await withinBudget(
      replayed.then(() => this.whenIdle()),
      timeoutMs,
    );
  }

  /** Waits at most `timeoutMs` for what is in flight, and does not send what is on disk. Never rejects. */
  async drain(timeoutMs: number): Promise<void> {
    await withinBudget(this.whenIdle(), timeoutMs);
  }

  /** Also writes what is in flight to disk, in case the process is about to die; the requests go on. Synchronous. */
  persistPending(): void {
    this.disk.append([...this.pending.values()], true);
  }

  /** Does the first request's set-up early, for a process in which it could not be done later. Never rejects. */
  async prepare(): Promise<void> {
    await this.transport.prepare().catch(() => undefined);
  }

  /** Cancels pending DNS look-ups, which would keep the process alive at its natural end. */
  cancelLookups(): void {
    this.transport.cancelLookups();
  }

  /**
   * Waits at most `timeoutMs` for what is in flight, then aborts the rest and leaves it on disk. Afterwards nothing is
   * pending here, and any later records go to disk. Never rejects.
   */
  async close(timeoutMs: number): Promise<void> {
    await withinBudget(Promise.all([this.whenIdle(), this.replay.stop()]), timeoutMs);
    this.closeNow();
  }

  /** The second part of `close`, without the wait. Synchronous, for use when a process exits. */
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

  /** Why nothing can be sent now; undefined when it can. */
  private obstacle(): string | undefined {
    if (this.closed) return "closed";
    if (this.breaker.isOpen) return "circuit_open";
    return this.transport.inFlight >= MAX_IN_FLIGHT ? "busy" : undefined;
  }

  /** Sends the groups one after the other. Once one has failed, the rest are kept without being tried. */
  private async deliverEach(
    groups: readonly (readonly DeliveryRecord[])[],
    body?: Uint8Array | string,
  ): Promise<DeliveryResult> {
    const whole = [...groups];
    const halves: (readonly DeliveryRecord[])[] = [];
    let result: DeliveryResult | undefined;
    for (let turn = 0; whole.length + halves.length > 0; turn++) {
      // Alternate between the largest half and the smallest: the largest finds good items quickly where many of them
      // are together, the smallest where there are few.
      const group = whole.shift() ?? (turn % 2 === 1 ? halves.shift() : halves.pop()) ?? [];
      const next =
        result?.status === "kept"
          ? this.keep(group, result.reason)
          : await this.deliver(group, group === groups[0] ? body : undefined);
      if (next.status === "split") {
        halves.push(...next.parts);
        halves.sort((one, other) => countOf(other) - countOf(one));
      } else if (result === undefined || next.status === "kept" || result.status === "dropped")
        result = next;
      // There is no single reply for several requests.
      else result = { status: "delivered", reply: undefined };
    }
    return result ?? { status: "delivered", reply: undefined };
  }

  /** Sends one group, whether from memory or from disk, and counts the outcome. */
  private async deliver(
    records: readonly DeliveryRecord[],
    ready?: Uint8Array | string,
  ): Promise<DeliveryResult | Refused> {
    const outcome = await this.request(records, ready);
    // `close` has already left all of them on disk.
    if (this.closed) return { status: "kept", reason: "closed" };
    const { kind, reason = "rejected" } = outcome;
    if (kind === "retry") {
      this.breaker.fail(reason, outcome.retryAfterMs);
      return this.keep(records, reason);
    }
    // Even a refusal shows that the endpoint is up.
    if (!UNANSWERED.has(reason)) this.breaker.succeed();
    if (kind === "unknown") {
      this.settle(records, 0, reason, "unknown");
      return { status: "unknown", reason };
    }
    if (kind === "delivered") {
      const { rejected, reply, message } = outcome;
      if (rejected < countOf(records)) this.splitsLeft = MAX_SPLITS;
      if (rejected > 0) this.report(reason, message);
      this.settle(records, rejected, reason);
      return { status: "delivered", reply: reply.body };
    }
    const parts = outcome.divisible && this.splitsLeft > 0 ? this.split(records) : undefined;
    if (parts !== undefined) {
      this.splitsLeft--;
      return { status: "split", parts };
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

  /** Reports, once per reason, that something is refused for good, with the endpoint's explanation. */
  private report(reason: string, message: string | undefined): void {
    if (this.reported.has(reason)) return;
    this.reported.add(reason);
    const { pipe, settings } = this.options;
    const words = message === undefined ? undefined : attempt(() => this.options.redact?.(message));
    reportRefusal(pipe, settings.url, reason, words);
  }

  /** Splits in two what was refused for good, so that only the items at fault are given up. */
  private split(records: readonly DeliveryRecord[]): (readonly DeliveryRecord[])[] | undefined {
    const middle = records.length >> 1;
    if (middle > 0) return [records.slice(0, middle), records.slice(middle)];
    const [record] = records;
    // The disk queue may have dropped it in the meantime to make room.
    if (record === undefined || !this.has(record.id)) return undefined;
    const parts = attempt(() => this.options.format.split?.(record)) ?? [];
    if (parts.length < 2 || countOf(parts) !== record.count) return undefined;
    const isPending = this.pending.delete(record.id);
    if (isPending) for (const part of parts) this.pending.set(part.id, part);
    if (this.disk.has(record.id)) this.disk.append(parts, isPending);
    this.disk.settle([record.id]);
    return parts.map((part) => [part]);
  }

  /** Keeps records on disk; replayed ones are there already. */
  private keep(records: readonly DeliveryRecord[], reason: string): DeliveryResult {
    this.store(records.filter(({ id }) => this.pending.has(id)));
    return { status: "kept", reason };
  }

  /** Forgets records. `givenUp` of their items were given up; the others were delivered, or their fate is unknown. */
  private settle(
    records: readonly DeliveryRecord[],
    givenUp: number,
    reason: string,
    rest: "deliver" | "unknown" = "deliver",
  ): void {
    // Records that the disk queue has dropped to make room are in neither sum; they are counted already.
    const pending = countOf(records.filter(({ id }) => this.pending.delete(id)));
    const spooled = countOf(records.filter(({ id }) => this.disk.isWaiting(id)));
    const first = Math.min(givenUp, pending);
    const second = Math.min(givenUp - first, spooled);
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
