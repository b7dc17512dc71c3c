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

/** The most spans in one record on disk, and so the most that an eviction or a damaged line can cost. */
const MAX_SPANS_PER_RECORD = 512;

/** The parts from which the processor is built. */
export interface SpoolingSpanProcessorParts {
  readonly queue: DeliveryQueue;
  readonly serializer: SpanSerializer;
  readonly settings: HttpTransportSettings;
  readonly batch: BatchSettings;
}

/**
 * Wraps the official BatchSpanProcessor, which keeps the queue, the batch and the window, so that no span is lost. When
 * its queue is full, where it would drop the newest span, and when the process ends, the whole queue goes to disk. This
 * relies on its `forceFlush`, which hands the whole queue to the exporter before it returns.
 *
 * The waiting spans are also listed here, because BatchSpanProcessor does not expose its queue: the processor needs the
 * length, and the journal of open spans needs the ended parents.
 */
export class SpoolingSpanProcessor implements SpanProcessor {
  readonly queue: DeliveryQueue;
  /** Called with spans once they are delivered, on disk or given up. */
  onSettled: ((spans: readonly ReadableSpan[]) => void) | undefined;
  readonly #parts: SpoolingSpanProcessorParts;
  readonly #batches: BatchSpanProcessor;
  readonly #maxQueueSize: number;
  #exporter: SpoolingTraceExporter | undefined;
  #loading: Promise<void> | undefined;
  /** Ended spans waiting for a batch, oldest first: the order in which BatchSpanProcessor takes them. */
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
        // BatchSpanProcessor would log a warning if it had to lower this itself.
        maxExportBatchSize: Math.min(maxExportBatchSize, maxQueueSize),
        scheduledDelayMillis,
        exportTimeoutMillis,
      },
    );
  }

  /**
   * Loads the exporter, once. It is not loaded at start, because that takes longer than everything else a process needs
   * from this package then. Never rejects: without the exporter, the queue still sends the spans.
   */
  load(): Promise<void> {
    return (this.#loading ??= untraced(() => import("./SpoolingTraceExporter.js"))
      .then(({ SpoolingTraceExporter }) => {
        this.#exporter = new SpoolingTraceExporter(this.#parts);
      })
      .catch((error: unknown) => this.#doWithout(error)));
  }

  onStart(): void {
    // Spans are handled when they end.
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

  /** Ended spans waiting for a batch, oldest first. */
  get waiting(): readonly ReadableSpan[] {
    return this.#waiting;
  }

  /**
   * Takes over the spans of a dead process; they are on disk when this returns.
   *
   * @param joins The attributes that join them to other data from that process.
   */
  adopt(spans: readonly ReadableSpan[], joins: Attributes): void {
    if (spans.length === 0) return;
    this.queue.accept(spans.length);
    this.queue.store(this.#recordsOf(spans, joins));
  }

  /** Writes all queued spans to the disk queue before it returns. */
  store(): void {
    this.#isStoring = true;
    try {
      this.release();
    } finally {
      this.#isStoring = false;
    }
  }

  /** Hands all queued spans to the exporter before it returns. */
  release(): void {
    void this.#batches.forceFlush().catch(() => undefined);
  }

  /** For the provider; resolves when every batch is delivered, stored or dropped, or after the request timeout. */
  async forceFlush(): Promise<void> {
    this.release();
    await this.queue.drain(this.#parts.settings.timeoutMillis);
  }

  /** From now on, ended spans are written straight to the disk queue. */
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

  /** Whether the exporter took a batch. It may throw: a file loaded late may be incomplete or of another version. */
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

/** The trace flags of a span; undefined for one that would make BatchSpanProcessor throw and lose the whole batch. */
function flagsOf(span: ReadableSpan): number | undefined {
  return attempt(() => {
    const { traceFlags } = span.spanContext();
    // BatchSpanProcessor also reads the resource, to see whether any attributes are still pending.
    const isReadable = Reflect.has(span.resource, "attributes") && typeof traceFlags === "number";
    return isReadable ? traceFlags : undefined;
  });
}
