import type { Resource } from "@opentelemetry/resources";
import { createAlwaysRecordSampler } from "@opentelemetry/sdk-trace";
import type { Sampler, SpanLimits, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";

/** The parts from which the provider of a tier is built. */
export interface TracerProviderParts {
  readonly resource: Resource;
  /** Default: the sampler named by `OTEL_TRACES_SAMPLER`, which the SDK reads. */
  readonly sampler: Sampler | undefined;
  /**
   * Also records the spans that the sampler drops, so that the mirror sees them fail. They are not exported; each costs
   * as much as any recorded span, about a microsecond.
   */
  readonly recordAll: boolean;
  readonly spanProcessors: SpanProcessor[];
  /** Default: the limits in `OTEL_SPAN_*` and `OTEL_ATTRIBUTE_*`, which the SDK reads. */
  readonly spanLimits?: SpanLimits;
}

/** Creates the official provider, which reads from the environment whatever is not given. */
export function createTracerProvider(parts: TracerProviderParts): BasicTracerProvider {
  const { resource, sampler, recordAll, spanProcessors, spanLimits } = parts;
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors,
    ...(sampler === undefined ? {} : { sampler }),
    ...(spanLimits === undefined ? {} : { spanLimits }),
  });
  if (recordAll) {
    // The SDK does not expose the sampler it read from the environment, so it is wrapped inside the provider.
    const options = provider["_tracerOptions"] as { sampler: Sampler };
    options.sampler = createAlwaysRecordSampler(options.sampler);
  }
  return provider;
}
