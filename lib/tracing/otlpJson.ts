import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { Redactor } from "../redaction/Redactor.js";
import { redactSpan } from "../redaction/redactSpan.js";

/** A request body and what it is. */
export interface SerialisedSpans {
  readonly body: Uint8Array;
  readonly contentType: string;
}

/** Spans as a redacted OTLP/JSON request body, which the spool stores as it is; whatever the protocol, a collector takes it. */
export function serialiseSpans(
  spans: readonly ReadableSpan[],
  redactor: Redactor,
): SerialisedSpans {
  const body = JsonTraceSerializer.serializeRequest(
    spans.map((span) => redactSpan(redactor, span)),
  ) as Uint8Array;
  return { body, contentType: "application/json" };
}
