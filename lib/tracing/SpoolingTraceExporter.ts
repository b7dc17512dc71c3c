import type { ExportResult } from "@opentelemetry/core";
import { ExportResultCode } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import type { IOtlpExportDelegate } from "@opentelemetry/otlp-exporter-base";
import {
  createOtlpNetworkExportDelegate,
  ExporterMetrics,
} from "@opentelemetry/otlp-exporter-base";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { SpoolingTransport } from "../delivery/SpoolingTransport.js";
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

  /** Answers when the batch is delivered, dropped or on disk. */
  override export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    // The queue has counted whatever became of the batch and reports an outage once; BatchSpanProcessor would log
    // each batch that failed.
    this.#delegate.export(spans, () => done({ code: ExportResultCode.SUCCESS }));
  }

  override async forceFlush(): Promise<void> {
    await this.#delegate.forceFlush();
  }

  override async shutdown(): Promise<void> {
    await this.#delegate.shutdown();
  }
}
