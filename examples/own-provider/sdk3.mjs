import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

/** A host's own provider on SDK 3.x. The mirror comes first, so that exported spans say whether they became events. */
export function createProvider(resource, mirror, exporter) {
  return new TracerProvider({
    resource,
    spanProcessors: [mirror, new BatchSpanProcessor({ exporter })],
  });
}
