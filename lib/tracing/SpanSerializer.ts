import type { Attributes } from "@opentelemetry/api";
import { SpanStatusCode } from "@opentelemetry/api";
import type { IExportTraceServiceResponse, ISerializer } from "@opentelemetry/otlp-transformer";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { OtlpProtocol } from "../config/TelemetryOptions.js";
import type { DeliveryQueue } from "../delivery/DeliveryQueue.js";
import type { DeliveryRecord } from "../delivery/DeliveryRecord.js";
import type { Redactor } from "../redaction/Redactor.js";
import { redactSpan } from "../redaction/redactSpan.js";
import { attempt } from "../shared/attempt.js";
import { randomUuid } from "../shared/builtins.js";
import { OTLP_CONTENT_TYPES, OTLP_SERIALIZERS } from "./otlpFormat.js";

/** The official serializer of a protocol, applied to copies of the spans that are redacted and valid for it. */
export class SpanSerializer implements ISerializer<ReadableSpan[], IExportTraceServiceResponse> {
  readonly #protocol: OtlpProtocol;
  readonly #redactor: Redactor;
  readonly #queue: DeliveryQueue;
  readonly #joins: Attributes | undefined;
  /** The exporter hands over only bytes; this maps them back to their record. */
  readonly #records = new WeakMap<object, DeliveryRecord>();

  /**
   * @param queue Counts the spans that cannot be serialized.
   * @param joins Attributes by which other data is joined to a span; added where the span does not set them itself.
   */
  constructor(
    protocol: OtlpProtocol,
    redactor: Redactor,
    queue: DeliveryQueue,
    joins?: Attributes,
  ) {
    this.#joins = joins;
    this.#protocol = protocol;
    this.#redactor = redactor;
    this.#queue = queue;
  }

  /**
   * Makes one record of the spans. Spans that cannot be serialized are left out and counted; undefined if none is left.
   *
   * @param joins Attributes to add instead of this process's own.
   */
  serialize(spans: readonly ReadableSpan[], joins = this.#joins): DeliveryRecord | undefined {
    const copies = spans.flatMap(
      (span) => attempt(() => redactSpan(this.#redactor, span, joins)) ?? [],
    );
    let count = copies.length;
    let body = this.#bytesOf(copies);
    if (body === undefined) {
      const fit = copies.filter((copy) => this.#bytesOf([copy]) !== undefined);
      body = this.#bytesOf(fit);
      count = body === undefined ? 0 : fit.length;
    }
    if (count < spans.length) this.#queue.drop("unserialisable", spans.length - count);
    if (body === undefined || count === 0) return undefined;
    const contentType = OTLP_CONTENT_TYPES[this.#protocol];
    const record = { id: randomUuid(), count, urgent: spans.some(isFailed), body, contentType };
    this.#records.set(body, record);
    return record;
  }

  serializeRequest(spans: ReadableSpan[]): Uint8Array | undefined {
    return this.serialize(spans)?.body as Uint8Array | undefined;
  }

  deserializeResponse(bytes: Uint8Array): IExportTraceServiceResponse {
    return OTLP_SERIALIZERS[this.#protocol].deserializeResponse(bytes);
  }

  /** The record that `serializeRequest` made these bytes for; empty for bytes of another origin. */
  recordsOf(body: Uint8Array | string): readonly DeliveryRecord[] {
    const record = typeof body === "string" ? undefined : this.#records.get(body);
    return record === undefined ? [] : [record];
  }

  #bytesOf(copies: ReadableSpan[]): Uint8Array | undefined {
    return attempt(() => OTLP_SERIALIZERS[this.#protocol].serializeRequest(copies));
  }
}

/** Whether a span has error status; false if its status cannot be read. */
export function isFailed(span: ReadableSpan): boolean {
  return attempt(() => span.status.code) === SpanStatusCode.ERROR;
}
