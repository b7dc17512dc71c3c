import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";

/** A host's own provider on SDK 2.x. The mirror comes first, so that exported spans say whether they became events. */
export function createProvider(resource, mirror, exporter) {
  return new BasicTracerProvider({
    resource,
    spanProcessors: [mirror, new BatchSpanProcessor(exporter)],
  });
}
