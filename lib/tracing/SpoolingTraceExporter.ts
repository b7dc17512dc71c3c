import { SpanStatusCode } from "@opentelemetry/api";
import type { ExportResult } from "@opentelemetry/core";
import { ExportResultCode } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  createOtlpNetworkExportDelegate,
  ExporterMetrics,
} from "@opentelemetry/otlp-exporter-base";
import type { IOtlpExportDelegate } from "@opentelemetry/otlp-exporter-base";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { OtlpProtocol } from "../config/TelemetryOptions.js";
import type { DeliveryQueue } from "../delivery/DeliveryQueue.js";
import type { DeliveryRecord } from "../delivery/DeliveryRecord.js";
import type { HttpTransportSettings } from "../delivery/HttpTransport.js";
import { SpoolingTransport } from "../delivery/SpoolingTransport.js";
import type { Redactor } from "../redaction/Redactor.js";
import { randomUuid } from "../shared/builtins.js";
import { OTLP_CONTENT_TYPES, OTLP_SERIALIZERS, serializeSpans } from "./otlpFormat.js";

/** Spans in one record on disk: an eviction or a damaged line costs no more than that. */
const MAX_SPANS_PER_RECORD = 512;

/** What the exporter is made of. */
export interface SpoolingTraceExporterParts {
  readonly settings: HttpTransportSettings;
  readonly protocol: OtlpProtocol;
  /** Only what this leaves is sent. */
  readonly redactor: Redactor;
  readonly queue: DeliveryQueue;
}

/**
 * The official OTLP exporter over a transport that answers in time and keeps what it could not send. The official
 * transport retries for seconds, holds the process meanwhile, does not bound a response that drips, and then forgets
 * the batch. `OTLPTraceExporter` has no option for its transport, so its methods use a delegate of their own.
 */
export class SpoolingTraceExporter extends OTLPTraceExporter {
  readonly #parts: SpoolingTraceExporterParts;
  readonly #delegate: IOtlpExportDelegate<ReadableSpan[]>;
  /** The delegate hands over bytes alone; this says what they hold. */
  readonly #records = new WeakMap<Uint8Array, DeliveryRecord>();

  constructor(parts: SpoolingTraceExporterParts) {
    super({ url: parts.settings.url });
    this.#parts = parts;
    const { settings, protocol, queue } = parts;
    this.#delegate = createOtlpNetworkExportDelegate(
      // The queue bounds what is in flight; a limit here would reject batches instead of keeping them.
      {
        timeoutMillis: settings.timeoutMillis,
        concurrencyLimit: Number.POSITIVE_INFINITY,
        compression: "none",
      },
      {
        serializeRequest: (spans) => this.#serialize(spans)?.body as Uint8Array | undefined,
        deserializeResponse: (bytes) => OTLP_SERIALIZERS[protocol].deserializeResponse(bytes),
      },
      new ExporterMetrics<ReadableSpan[]>({
        componentType: "otlp_http_span_exporter",
        metricsHelper: { name: "span", countItems: (spans) => spans.length },
        url: settings.url,
        meterProvider: undefined,
        responseAttributesFromError: () => ({}),
      }),
      new SpoolingTransport(queue, (body) => {
        const record = this.#records.get(body as Uint8Array);
        return record === undefined ? [] : [record];
      }),
    );
  }

  /** Answers when the batch is delivered, dropped or on disk. */
  override export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    // The queue has counted whatever became of the batch and reports an outage once; BatchSpanProcessor would log
    // each batch that failed.
    this.#delegate.export(spans, () => done({ code: ExportResultCode.SUCCESS }));
  }

  /** Writes spans to the disk queue without trying to send them; they are there when this returns. */
  store(spans: readonly ReadableSpan[]): void {
    const isFailed = (span: ReadableSpan): boolean => span.status.code === SpanStatusCode.ERROR;
    // Failed spans are urgent, so that the disk queue evicts the ordinary ones first.
    for (const kind of [spans.filter((span) => !isFailed(span)), spans.filter(isFailed)]) {
      for (let start = 0; start < kind.length; start += MAX_SPANS_PER_RECORD) {
        const record = this.#serialize(kind.slice(start, start + MAX_SPANS_PER_RECORD));
        if (record !== undefined) this.#parts.queue.store([record]);
      }
    }
  }

  override async forceFlush(): Promise<void> {
    await this.#delegate.forceFlush();
  }

  override async shutdown(): Promise<void> {
    await this.#delegate.shutdown();
  }

  /** Undefined when the spans cannot be serialized, which is counted. */
  #serialize(spans: readonly ReadableSpan[]): DeliveryRecord | undefined {
    const { protocol, redactor, queue } = this.#parts;
    const body = serializeSpans(spans, protocol, redactor);
    if (body === undefined) {
      queue.drop("unserialisable", spans.length);
      return undefined;
    }
    const urgent = spans.some((span) => span.status.code === SpanStatusCode.ERROR);
    const contentType = OTLP_CONTENT_TYPES[protocol];
    const record = { id: randomUuid(), count: spans.length, urgent, body, contentType };
    this.#records.set(body, record);
    return record;
  }
}
