/** Compiled, strictly, against the types of SDK 3.x and of the packed tarball. */
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { register, Tier } from "land-telemetry";
import { PostHogMirrorSpanProcessor } from "land-telemetry/mirror";

const batches = new BatchSpanProcessor({ exporter: new OTLPTraceExporter() });
export const provider = new TracerProvider({
  spanProcessors: [new PostHogMirrorSpanProcessor({ tier: Tier.Cocoon }), batches],
});
export const telemetry = register({
  tier: Tier.Cocoon,
  spanProcessors: [batches],
  mirror: (span) => span.attributes["land.wanted"] === true,
});
