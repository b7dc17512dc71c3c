import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { Redactor } from "../redaction/Redactor.js";
import { serialiseSpans as serialise } from "./json/serialiseSpans.js";

/** A request body and what it is. */
export interface SerialisedSpans {
  readonly body: Uint8Array;
  readonly contentType: string;
}

/**
 * Spans as a redacted OTLP/JSON request body, which the spool stores as it is; whatever the protocol, a collector takes it.
 * In a file of its own, without the exporter, because the end of a process waits for it to load.
 */
export function serialiseSpans(
  spans: readonly ReadableSpan[],
  redactor: Redactor,
): SerialisedSpans {
  return { body: serialise(spans, redactor), contentType: "application/json" };
}
