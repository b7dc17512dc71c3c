/**
 * A host at work for a few seconds, with one variant of telemetry; see host.mjs. All variants make spans and errors
 * through the API. The cost of starting is measured elsewhere, so this begins once the variant is set up; what it loads
 * later, at its first batch, is included.
 */
const { createRequire } = require("node:module");
const { join } = require("node:path");
const { monitorEventLoopDelay } = require("node:perf_hooks");

const [variant, project, url, seconds] = process.argv.slice(2);
const load = createRequire(join(project, "package.json"));
const { trace, context, SpanStatusCode } = load("@opentelemetry/api");

const SPANS_PER_SECOND = 2_000;
const ERRORS_PER_SECOND = 4;
/** The host does its work in steps of this length. */
const STEP_MS = 10;

const setUps = {
  api: () => ({ safe: () => 0 }),
  official: () => {
    const { BasicTracerProvider, BatchSpanProcessor } = load("@opentelemetry/sdk-trace-base");
    const { OTLPTraceExporter } = load("@opentelemetry/exporter-trace-otlp-http");
    const { AsyncLocalStorageContextManager } = load("@opentelemetry/context-async-hooks");
    const { resourceFromAttributes } = load("@opentelemetry/resources");
    const { PostHog } = load("posthog-node");
    let delivered = 0;
    class CountingExporter extends OTLPTraceExporter {
      export(batch, done) {
        super.export(batch, (result) => {
          if (result.code === 0) delivered += batch.length;
          done(result);
        });
      }
    }
    const exporter = new CountingExporter({ url: `${url}/v1/traces` });
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({
        resource: resourceFromAttributes({ "service.name": "bench" }),
        spanProcessors: [new BatchSpanProcessor(exporter)],
      }),
    );
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const client = new PostHog("phc_bench", { host: url, isServer: false });
    return {
      safe: () => delivered,
      // The cheapest way to do it by hand: `captureException` would also read and send source lines.
      captureError: ({ name, message, stack }, { traceId, spanId }) =>
        client.capture({
          distinctId: "bench",
          event: "land:cocoon:error",
          properties: { name, message, stack, traceId, spanId },
        }),
    };
  },
  ours: () => {
    const { register, stats } = load("land-telemetry");
    // No limits, so that as many errors are sent as by the official client.
    const { status } = register({ tier: "cocoon", throttle: { perSecond: 1e9, errorCap: 1e9 } });
    if (status !== "registered") throw new Error(status);
    return { stats, safe: () => stats().otlp.delivered + stats().otlp.spooled };
  },
};
const { captureError, safe, stats } = setUps[variant]();
const tracer = trace.getTracer("land.cocoon", "0.1.0");

function span(number) {
  const made = tracer.startSpan("land:cocoon:handler");
  made.setAttribute("rpc.system.name", "grpc");
  made.setAttribute("rpc.method", "land.CocoonService/ProcessMountainRequest");
  made.setAttribute("server.address", "127.0.0.1");
  made.setAttribute("server.port", 50052);
  made.setAttribute("land.request", number);
  made.end();
}
function failingSpan(number) {
  const made = tracer.startSpan("land:cocoon:handler");
  const error = new TypeError(`Cannot read properties of undefined (reading 'x${number}')`);
  made.recordException(error);
  made.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  captureError?.(error, made.spanContext());
  made.end();
}

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const began = performance.now();
const before = process.cpuUsage();
let spans = 0;
let errors = 0;
const timer = setInterval(() => {
  const elapsed = Math.min((performance.now() - began) / 1_000, Number(seconds));
  // As many as are due by now, so that a variant that blocks the loop does not get less to do.
  for (; spans < Math.floor(elapsed * SPANS_PER_SECOND); spans++) span(spans);
  for (; errors < Math.floor(elapsed * ERRORS_PER_SECOND); errors++) failingSpan(errors);
  if (elapsed < Number(seconds)) return;
  clearInterval(timer);
  const { user, system } = process.cpuUsage(before);
  delay.disable();
  process.send({
    cpu: (user + system) / 1_000,
    p99: delay.percentile(99) / 1e6,
    longest: delay.max / 1e6,
    spans,
    errors,
    safe: safe(),
    stats: stats?.(),
  });
}, STEP_MS);
