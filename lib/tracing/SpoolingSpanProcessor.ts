import type { Attributes } from "@opentelemetry/api";
import { TraceFlags } from "@opentelemetry/api";
import { ExportResultCode } from "@opentelemetry/core";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { BatchSettings } from "../config/Configuration.js";
import type { DeliveryQueue } from "../delivery/DeliveryQueue.js";
import type { DeliveryRecord } from "../delivery/DeliveryRecord.js";
import type { HttpTransportSettings } from "../delivery/HttpTransport.js";
import { reportMissing } from "../delivery/report.js";
import { attempt } from "../shared/attempt.js";
import { untraced } from "../shared/untraced.js";
import type { SpanSerializer } from "./SpanSerializer.js";
import { isFailed } from "./SpanSerializer.js";
import type { SpoolingTraceExporter } from "./SpoolingTraceExporter.js";

/** Spans in one record on disk: an eviction or a damaged line costs no more than that. */
const MAX_SPANS_PER_RECORD = 512;

/** What the processor is made of. */
export interface SpoolingSpanProcessorParts {
  readonly queue: DeliveryQueue;
  readonly serializer: SpanSerializer;
  readonly settings: HttpTransportSettings;
  readonly batch: BatchSettings;
}

/**
 * The official BatchSpanProcessor, which keeps the queue, the batch and the window, made to lose nothing: when its
 * queue is full, where it would drop the newest span, and when the process ends, all of the queue goes to disk.
 * `forceFlush` of BatchSpanProcessor hands its whole queue to the exporter before it returns.
 *
 * The waiting spans are listed here as well, because BatchSpanProcessor does not expose its queue: its length is needed,
 * and the journal of open spans asks for their ended parents.
 */
export class SpoolingSpanProcessor implements SpanProcessor {
  readonly queue: DeliveryQueue;
  /** Called with spans that are delivered, on disk or given up. */
  onSettled: ((spans: readonly ReadableSpan[]) => void) | undefined;
  readonly #parts: SpoolingSpanProcessorParts;
  readonly #batches: BatchSpanProcessor;
  readonly #maxQueueSize: number;
  #exporter: SpoolingTraceExporter | undefined;
  #loading: Promise<void> | undefined;
  /** Ended spans that wait for a batch, oldest first, as BatchSpanProcessor takes them. */
  readonly #waiting: ReadableSpan[] = [];
  #isStoring = false;
  #isClosed = false;

  constructor(parts: SpoolingSpanProcessorParts) {
    this.queue = parts.queue;
    this.#parts = parts;
    const { maxQueueSize, maxExportBatchSize, scheduledDelayMillis, exportTimeoutMillis } =
      parts.batch;
    this.#maxQueueSize = maxQueueSize;
    this.#batches = new BatchSpanProcessor(
      {
        export: (spans, done) => {
          this.#waiting.splice(0, spans.length);
          const settle = (): void => this.onSettled?.(spans);
          if (this.#isStoring) {
            this.queue.store(this.#recordsOf(spans));
            settle();
          }
          // Until the exporter is loaded, the queue makes the request itself.
          else if (!this.#isTaken(spans, settle))
            void this.queue.send(this.#recordsOf(spans)).then(settle);
          done({ code: ExportResultCode.SUCCESS });
        },
        shutdown: async () => this.#exporter?.shutdown(),
      },
      {
        maxQueueSize,
        // It would say so when it has to make this smaller.
        maxExportBatchSize: Math.min(maxExportBatchSize, maxQueueSize),
        scheduledDelayMillis,
        exportTimeoutMillis,
      },
    );
  }

  /**
   * Loads the exporter, once; it takes longer than all that a process needs of this package while it starts. Never
   * rejects: without the exporter the queue still sends the spans.
   */
  load(): Promise<void> {
    return (this.#loading ??= untraced(() => import("./SpoolingTraceExporter.js"))
      .then(({ SpoolingTraceExporter }) => {
        this.#exporter = new SpoolingTraceExporter(this.#parts);
      })
      .catch((error: unknown) => this.#doWithout(error)));
  }

  onStart(): void {
    // Nothing is known of a span before it ends.
  }

  onEnd(span: ReadableSpan): void {
    const flags = flagsOf(span);
    if (flags !== undefined && (flags & TraceFlags.SAMPLED) === 0) return;
    this.queue.accept(1);
    if (flags === undefined) {
      this.queue.drop("unserialisable", 1);
      return;
    }
    if (this.#isClosed) {
      this.queue.store(this.#recordsOf([span]));
      return;
    }
    if (this.#waiting.length >= this.#maxQueueSize) this.store();
    this.#waiting.push(span);
    this.#batches.onEnd(span);
  }

  /** Ended spans that wait for a batch, oldest first. */
  get waiting(): readonly ReadableSpan[] {
    return this.#waiting;
  }

  /**
   * Takes over spans of a dead process; they are on disk when this returns.
   *
   * @param joins The attributes that join them to other data of that process.
   */
  adopt(spans: readonly ReadableSpan[], joins: Attributes): void {
    if (spans.length === 0) return;
    this.queue.accept(spans.length);
    this.queue.store(this.#recordsOf(spans, joins));
  }

  /** Writes what is queued to the disk queue, at once. */
  store(): void {
    this.#isStoring = true;
    try {
      this.release();
    } finally {
      this.#isStoring = false;
    }
  }

  /** Hands what is queued to the exporter, at once. */
  release(): void {
    void this.#batches.forceFlush().catch(() => undefined);
  }

  /** For the provider: resolves when each batch is delivered, stored or dropped. */
  async forceFlush(): Promise<void> {
    this.release();
    await this.queue.drain(this.#parts.settings.timeoutMillis);
  }

  /** After this, ended spans go straight to the disk queue. */
  close(): void {
    this.#isClosed = true;
  }

  async shutdown(): Promise<void> {
    if (this.#isClosed) return;
    this.release();
    this.close();
    await this.#batches.shutdown().catch(() => undefined);
    await this.queue.drain(this.#parts.settings.timeoutMillis);
  }

  /** Whether the exporter has taken a batch. What was loaded late may be of another version, or half a file. */
  #isTaken(spans: ReadableSpan[], settle: () => void): boolean {
    try {
      this.#exporter?.export(spans, () => undefined, settle);
    } catch (error) {
      this.#doWithout(error);
    }
    return this.#exporter !== undefined;
  }

  #doWithout(error: unknown): void {
    this.#exporter = undefined;
    reportMissing("the OTLP exporter", "spans", error);
  }

  #recordsOf(spans: readonly ReadableSpan[], joins?: Attributes): DeliveryRecord[] {
    const { serializer } = this.#parts;
    const records: DeliveryRecord[] = [];
    // Failed spans are urgent, so that the disk queue evicts the ordinary ones first.
    for (const kind of [spans.filter((span) => !isFailed(span)), spans.filter(isFailed)]) {
      for (let start = 0; start < kind.length; start += MAX_SPANS_PER_RECORD) {
        const record = serializer.serialize(kind.slice(start, start + MAX_SPANS_PER_RECORD), joins);
        if (record !== undefined) records.push(record);
      }
    }
    return records;
  }
}

/** The trace flags of a span. Undefined for one which BatchSpanProcessor could not read, and would lose its batch by. */
function flagsOf(span: ReadableSpan): number | undefined {
  return attempt(() => {
    const { traceFlags } = span.spanContext();
    // It asks the resource whether anything is still to be found out, too.
    const isReadable = Reflect.has(span.resource, "attributes") && typeof traceFlags === "number";
    return isReadable ? traceFlags : undefined;
  });
}
