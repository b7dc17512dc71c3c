/**
 * A host that already has its own OpenTelemetry and adds the mirror to it: its failed spans become events.
 *
 *   node host.mjs sdk2|sdk3 <url of both endpoints>
 */
import { readFile } from "node:fs/promises";
import { SpanStatusCode, context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import { Tier } from "land-telemetry";
import { PostHogMirrorSpanProcessor } from "land-telemetry/mirror";

const [, , line, url] = process.argv;
const { createProvider } = await import(`./${line}.mjs`);

const mirror = new PostHogMirrorSpanProcessor({
  tier: Tier.Sidecar,
  posthog: { key: "phc_example", host: url, distinctId: "land-example" },
});
const resource = defaultResource().merge(resourceFromAttributes({ "service.name": "host" }));
const provider = createProvider(
  resource,
  mirror,
  new OTLPTraceExporter({ url: `${url}/v1/traces` }),
);
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const tracer = trace.getTracer("host", "1.0.0");

/** Something that every host has: a span around some work, which records what the work throws. */
function traced(name, work) {
  return tracer.startActiveSpan(name, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  });
}

await traced("open workspace", async () => {
  await traced("read settings", () => readFile(new URL(import.meta.url), "utf8"));
  await traced("read manifest", () => readFile("missing/manifest.json", "utf8"));
}).catch(() => undefined); // One failure, recorded by two spans, is one event.

await provider.shutdown(); // Shuts the mirror down too.
