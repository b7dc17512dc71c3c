import type { Resource } from "@opentelemetry/resources";
import { createAlwaysRecordSampler } from "@opentelemetry/sdk-trace";
import type { Sampler, SpanProcessor } from "@opentelemetry/sdk-trace-base";
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
}

/** The official provider, which reads the sampler and the span limits from the environment itself. */
export function createTracerProvider(parts: TracerProviderParts): BasicTracerProvider {
  const { resource, sampler, recordAll, spanProcessors } = parts;
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors,
    ...(sampler === undefined ? {} : { sampler }),
  });
  if (recordAll) {
    // The SDK gives the sampler that it read to nobody, so it is wrapped where the provider keeps it.
    const options = provider["_tracerOptions"] as { sampler: Sampler };
    options.sampler = createAlwaysRecordSampler(options.sampler);
  }
  return provider;
}
