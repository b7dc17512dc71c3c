import {
  createOtlpNetworkExportDelegate,
  ExporterMetrics,
  OTLPExporterBase,
} from "@opentelemetry/otlp-exporter-base";
import type { ISerializer } from "@opentelemetry/otlp-transformer";
import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace-base";
import type { OtlpProtocol } from "../config/TelemetryOptions.js";
import type { Parcel } from "../delivery/Parcel.js";
import type { Redactor } from "../redaction/Redactor.js";
import { redactSpan } from "../redaction/redactSpan.js";
import { randomUuid } from "../shared/builtins.js";
import { loadOtlpJson } from "./loadOtlpJson.js";

const CONTENT_TYPES: Readonly<Record<OtlpProtocol, string>> = {
  "http/json": "application/json",
  "http/protobuf": "application/x-protobuf",
};

/** What the exporter is made of. */
export interface OtlpExporterParts {
  readonly protocol: OtlpProtocol;
  readonly timeoutMs: number;
  /** Of what it is given, only what this leaves is sent. */
  readonly redactor: Redactor;
  /** Takes the parcel, whatever becomes of it; never throws. */
  readonly send: (parcel: Parcel) => void;
  readonly onUnserialisable: (count: number) => void;
}

/**
 * The official OTLP exporter with a transport of our own, at its public seam: the official one retries for
 * seconds, holds the process and does not bound a response that drips, and forgets the batch.
 */
export function createOtlpExporter(parts: OtlpExporterParts): SpanExporter {
  const { protocol, redactor } = parts;
  const serialise = (spans: ReadableSpan[]): Uint8Array | undefined =>
    protocol === "http/json"
      ? loadOtlpJson().serialiseSpans(spans, redactor).body
      : ProtobufTraceSerializer.serializeRequest(spans.map((span) => redactSpan(redactor, span)));
  /** The delegate passes bytes on; what they hold is looked up by the bytes. */
  const contents = new WeakMap<Uint8Array, { readonly count: number; readonly urgent: boolean }>();
  const serializer: ISerializer<ReadableSpan[], unknown> = {
    serializeRequest: (spans) => {
      const bytes = attempt(() => serialise(spans));
      if (bytes === undefined) parts.onUnserialisable(spans.length);
      else
        contents.set(bytes, {
          count: spans.length,
          urgent: spans.some((span) => span.status.code === SpanStatusCode.ERROR),
        });
      return bytes;
    },
    // The courier reads the reply; the delegate is given none.
    deserializeResponse: () => ({}),
  };
  const metrics = new ExporterMetrics<ReadableSpan[]>({
    componentType: "otlp_http_span_exporter",
    metricsHelper: { name: "span", countItems: (spans) => spans.length },
    url: undefined,
    meterProvider: undefined,
    responseAttributesFromError: () => ({}),
  });
  const delegate = createOtlpNetworkExportDelegate(
    // The courier bounds what is under way; a limit here would reject batches instead of spooling them.
    {
      timeoutMillis: parts.timeoutMs,
      concurrencyLimit: Number.POSITIVE_INFINITY,
      compression: "none",
    },
    serializer,
    metrics,
    {
      send: (body) => {
        const { count, urgent } = contents.get(body) ?? { count: 0, urgent: false };
        parts.send({ id: randomUuid(), count, urgent, body, contentType: CONTENT_TYPES[protocol] });
        // The delegate holds the spans until this resolves, and a collection of garbage would copy them meanwhile.
        return Promise.resolve({ status: "success" });
      },
      shutdown: () => undefined,
    },
  );
  return new OTLPExporterBase(delegate);
}

function attempt<T>(serialise: () => T): T | undefined {
  try {
    return serialise();
  } catch {
    return undefined;
  }
}
