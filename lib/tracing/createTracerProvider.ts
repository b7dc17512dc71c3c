import type { Resource } from "@opentelemetry/resources";
import { createAlwaysRecordSampler } from "@opentelemetry/sdk-trace";
import type { Sampler, SpanLimits, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";

/** What the provider of a tier is made of. */
export interface TracerProviderParts {
  readonly resource: Resource;
  /** Default: what `OTEL_TRACES_SAMPLER` says, which the SDK reads. */
  readonly sampler: Sampler | undefined;
  /**
   * Records the spans that the sampler leaves out, so that the mirror sees them fail. They are not exported; each
   * costs what a recorded span costs, about a microsecond.
   */
  readonly recordAll: boolean;
  readonly spanProcessors: SpanProcessor[];
  /** Default: what `OTEL_SPAN_*` and `OTEL_ATTRIBUTE_*` say, which the SDK reads. */
  readonly spanLimits?: SpanLimits;
}

/** The official provider, which reads from the environment itself what is not given. */
export function createTracerProvider(parts: TracerProviderParts): BasicTracerProvider {
  const { resource, sampler, recordAll, spanProcessors, spanLimits } = parts;
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors,
    ...(sampler === undefined ? {} : { sampler }),
    ...(spanLimits === undefined ? {} : { spanLimits }),
  });
  if (recordAll) {
    // The SDK gives the sampler that it read to nobody, so it is wrapped where the provider keeps it.
    const options = provider["_tracerOptions"] as { sampler: Sampler };
    options.sampler = createAlwaysRecordSampler(options.sampler);
  }
  return provider;
}
