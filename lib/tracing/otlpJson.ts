import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";

/** A request body and what it is. */
export interface SerialisedSpans {
  readonly body: Uint8Array;
  readonly contentType: string;
}

/**
 * Spans as an OTLP/JSON request body, which the spool stores as it is; whatever the protocol, a collector takes it.
 * In a file of its own, without the exporter, because the end of a process waits for it to load.
 */
export function serialiseSpans(spans: ReadableSpan[]): SerialisedSpans | undefined {
  const body = JsonTraceSerializer.serializeRequest(spans);
  return body === undefined ? undefined : { body, contentType: "application/json" };
}
