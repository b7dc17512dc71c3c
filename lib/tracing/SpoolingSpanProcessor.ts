import { TraceFlags } from "@opentelemetry/api";
import { getNumberFromEnv } from "@opentelemetry/core";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { DeliveryQueue } from "../delivery/DeliveryQueue.js";
import type { SpoolingTraceExporter } from "./SpoolingTraceExporter.js";

/** Of the SDK specification ("Batching processor"). */
const DEFAULT_MAX_QUEUE_SIZE = 2_048;

/**
 * The official BatchSpanProcessor, which keeps the queue, the batch and the window, made to lose nothing: when its
 * queue is full, where it would drop the newest span, and when the process ends, all of the queue goes to disk.
 * `forceFlush` of BatchSpanProcessor hands its whole queue to the exporter before it returns.
 *
 * A span is counted when it ends and again when its batch is exported, so that the length of the queue is known
 * without a second set of spans.
 */
export class SpoolingSpanProcessor implements SpanProcessor {
  readonly queue: DeliveryQueue;
  readonly #exporter: SpoolingTraceExporter;
  readonly #batches: BatchSpanProcessor;
  readonly #maxQueueSize: number;
  readonly #timeoutMs: number;
  #queued = 0;
  #isStoring = false;
  #isClosed = false;

  /** @param timeoutMs How long a flush that the provider asks for may take. */
  constructor(queue: DeliveryQueue, exporter: SpoolingTraceExporter, timeoutMs: number) {
    this.queue = queue;
    this.#exporter = exporter;
    this.#timeoutMs = timeoutMs;
    // BatchSpanProcessor reads the other OTEL_BSP_* variables itself.
    const given = getNumberFromEnv("OTEL_BSP_MAX_QUEUE_SIZE") ?? 0;
    this.#maxQueueSize = given >= 1 ? given : DEFAULT_MAX_QUEUE_SIZE;
    this.#batches = new BatchSpanProcessor(
      {
        export: (spans, done) => {
          this.#queued -= spans.length;
          if (!this.#isStoring) {
            exporter.export(spans, done);
            return;
          }
          exporter.store(spans);
          done({ code: 0 });
        },
        shutdown: () => exporter.shutdown(),
      },
      { maxQueueSize: this.#maxQueueSize },
    );
  }

  onStart(): void {
    // Nothing is known of a span before it ends.
  }

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    this.queue.accept(1);
    if (this.#isClosed) {
      this.#exporter.store([span]);
      return;
    }
    if (this.#queued >= this.#maxQueueSize) this.store();
    this.#queued += 1;
    this.#batches.onEnd(span);
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
    await this.queue.drain(this.#timeoutMs);
  }

  /** After this, ended spans go straight to the disk queue. */
  async shutdown(): Promise<void> {
    if (this.#isClosed) return;
    this.release();
    this.#isClosed = true;
    await this.#batches.shutdown().catch(() => undefined);
    await this.queue.drain(this.#timeoutMs);
  }
}
