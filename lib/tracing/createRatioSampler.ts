import type { Sampler } from "@opentelemetry/sdk-trace";
import { TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace";

/** A sampler of a share of the traces, for those who asked for one. */
export function createRatioSampler(ratio: number): Sampler {
  return new TraceIdRatioBasedSampler(ratio);
}
