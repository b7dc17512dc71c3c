import type { Configuration } from "../config/Configuration.js";
import { tierResource } from "../resource/tierResource.js";
import { TracerProvider } from "@opentelemetry/sdk-trace";
import type { SpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { Environment } from "../config/SettingReader.js";
import { BaggageAttributesSpanProcessor } from "../propagation/BaggageAttributesSpanProcessor.js";
import { createSampler } from "./createSampler.js";
import { readSpanLimits } from "./readSpanLimits.js";

/** The official provider with the tier's resource and the processors of the pipes that are on. */
export function createProvider(
  configuration: Configuration,
  sessionId: () => string,
  environment: Environment,
  pipes: readonly SpanProcessor[],
): TracerProvider {
  const { baggageAttributes } = configuration;
  return new TracerProvider({
    resource: tierResource({
      tier: configuration.tier,
      serviceName: configuration.serviceName,
      version: configuration.app.version,
      sessionId,
      attributes: configuration.resourceAttributes,
    }),
    sampler: createSampler(configuration.sampler, environment, configuration.gates.posthog.on),
    spanLimits: readSpanLimits(environment),
    spanProcessors: [
      ...(baggageAttributes.length === 0
        ? []
        : [new BaggageAttributesSpanProcessor(baggageAttributes)]),
      ...pipes,
      ...configuration.spanProcessors,
    ],
  });
}
