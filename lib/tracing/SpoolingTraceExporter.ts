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
 * transport retries for seconds, holds the process meanwhile, does not bound a response that drips, and then forgets
 * the batch. `OTLPTraceExporter` has no option for its transport, so its methods use a delegate of their own.
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
        // The queue bounds what is in flight; a limit here would reject batches instead of keeping them.
        concurrencyLimit: Number.POSITIVE_INFINITY,
        compression: "none",
      },
      serializer,
      metrics,
      transport,
    );
  }

  /**
   * Answers at once. From here on the queue has the batch, counts what becomes of it and reports an outage once, while
   * BatchSpanProcessor holds the process with a timer until it is answered, and logs each batch that failed.
   *
   * @param settle Called when the batch is delivered, kept or given up.
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
 * The transport under the official exporter, in place of its own, which loses a batch that fails and holds the process.
 * It answers truthfully and soon: what the queue has kept is `retryable`, and is sent without the client.
 */
export class SpoolingTransport implements IExporterTransport {
  /** @param recordsOf The records that a request body of the client stands for, by which the queue counts it. */
  constructor(
    private readonly queue: DeliveryQueue,
    private readonly recordsOf: (body: Uint8Array | string) => readonly DeliveryRecord[],
  ) {}

  /** Never rejects. The queue has a deadline of its own. */
  async send(body: Uint8Array | string): Promise<ExportResponse> {
    const records = attempt(() => this.recordsOf(body));
    if (records === undefined) return { status: "failure", error: new Error("unreadable body") };
    const result = await this.queue.send(records, body);
    if (result.status === "delivered")
      return { status: "success", ...(result.reply === undefined ? {} : { data: result.reply }) };
    const error = new Error(result.reason);
    return { status: result.status === "kept" ? "retryable" : "failure", error };
  }

  /** The queue is closed by its owner. */
  shutdown(): void {
    // Nothing else is held.
  }
}
