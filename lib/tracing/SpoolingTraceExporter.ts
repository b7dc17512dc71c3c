import type { ExportResult } from "@opentelemetry/core";
import { ExportResultCode } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import type {
  ExportResponse,
  IExporterTransport,
  IOtlpExportDelegate,
} from "@opentelemetry/otlp-exporter-base";
import {
  createOtlpNetworkExportDelegate,
  ExporterMetrics,
} from "@opentelemetry/otlp-exporter-base";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { DeliveryQueue } from "../delivery/DeliveryQueue.js";
import type { DeliveryRecord } from "../delivery/DeliveryRecord.js";
import { attempt } from "../shared/attempt.js";
import type { SpoolingSpanProcessorParts } from "./SpoolingSpanProcessor.js";

/**
 * The official OTLP exporter over a transport that answers in time and keeps what it could not send. The official
 * transport retries for seconds, keeps the process alive meanwhile, sets no limit on a response that trickles in, and
 * then loses the batch. `OTLPTraceExporter` has no option for its transport, so the overrides use their own delegate.
 */
export class SpoolingTraceExporter extends OTLPTraceExporter {
  readonly #delegate: IOtlpExportDelegate<ReadableSpan[]>;

  constructor({ queue, serializer, settings }: SpoolingSpanProcessorParts) {
    super({ url: settings.url });
    const transport = new SpoolingTransport(queue, (body) => serializer.recordsOf(body));
    const metrics = new ExporterMetrics<ReadableSpan[]>({
      componentType: "otlp_http_span_exporter",
      metricsHelper: { name: "span", countItems: (spans) => spans.length },
      url: settings.url,
      meterProvider: undefined,
      responseAttributesFromError: () => ({}),
    });
    this.#delegate = createOtlpNetworkExportDelegate(
      {
        timeoutMillis: settings.timeoutMillis,
        // The queue limits requests in flight; a limit here would reject batches instead of keeping them.
        concurrencyLimit: Number.POSITIVE_INFINITY,
        compression: "none",
      },
      serializer,
      metrics,
      transport,
    );
  }

  /**
   * Calls `done` immediately: BatchSpanProcessor keeps the process alive with a timer until then, and would log every
   * batch that fails. The queue owns the batch from here on, counts its outcome and reports an outage once.
   *
   * @param settle Called when the batch has been delivered, kept or given up.
   */
  override export(
    spans: ReadableSpan[],
    done: (result: ExportResult) => void,
    settle: () => void = () => undefined,
  ): void {
    this.#delegate.export(spans, settle);
    done({ code: ExportResultCode.SUCCESS });
  }

  override async forceFlush(): Promise<void> {
    await this.#delegate.forceFlush();
  }

  override async shutdown(): Promise<void> {
    await this.#delegate.shutdown();
  }
}

/**
 * Replaces the official exporter's transport, which loses a batch that fails and keeps the process alive. It answers
 * truthfully and soon: a batch that the queue keeps is reported as `retryable`; the queue then sends it on its own.
 */
export class SpoolingTransport implements IExporterTransport {
  /** @param recordsOf Maps a request body from the client to its records, by which the queue counts it. */
  constructor(
    private readonly queue: DeliveryQueue,
    private readonly recordsOf: (body: Uint8Array | string) => readonly DeliveryRecord[],
  ) {}

  /** Never rejects. The deadline is the queue's own. */
  async send(body: Uint8Array | string): Promise<ExportResponse> {
    const records = attempt(() => this.recordsOf(body));
    if (records === undefined) return { status: "failure", error: new Error("unreadable body") };
    const result = await this.queue.send(records, body);
    if (result.status === "delivered")
      return { status: "success", ...(result.reply === undefined ? {} : { data: result.reply }) };
    const error = new Error(result.reason);
    return { status: result.status === "kept" ? "retryable" : "failure", error };
  }

  /** Does nothing: the queue is closed by its owner. */
  shutdown(): void {
    // There is nothing else to release.
  }
}
