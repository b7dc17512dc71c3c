/** One variant of bench/boundaries.mjs: makes as many unary calls as each message asks for and sends what they cost. */
const { createRequire } = require("node:module");
const { join } = require("node:path");
const { SpanKind, context, propagation, trace } = require("@opentelemetry/api");
const { AsyncLocalStorageContextManager } = require("@opentelemetry/context-async-hooks");
const {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} = require("@opentelemetry/core");
const { BasicTracerProvider } = require("@opentelemetry/sdk-trace-base");

/** Number of calls in flight at the same time. */
const CONCURRENCY = 8;

const [variant, cache] = process.argv.slice(2);
let spans = 0;

/** Counts the spans of calls; the session's own span is not one. */
const counter = {
  onStart() {},
  onEnd: ({ kind }) => void (kind === SpanKind.INTERNAL || spans++),
  forceFlush: async () => {},
  shutdown: async () => {},
};

function provider() {
  const made = new BasicTracerProvider({ spanProcessors: [counter] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(made);
  return made;
}

function interceptors() {
  if (variant !== "land" && variant !== "off") return {};
  const { clientInterceptor, serverInterceptor } = require("land-telemetry/grpc");
  if (variant === "land") {
    // Without the OTLP pipe, since the peer exports nothing either.
    const { status } = require("land-telemetry").register({
      tier: "cocoon",
      capture: true,
      posthog: { enabled: true, key: "phc_bench", host: "http://127.0.0.1:9" },
      otlp: { enabled: false },
      spanProcessors: [counter],
      spool: false,
    });
    if (status !== "registered") throw new Error(status);
  }
  return {
    client: { interceptors: [clientInterceptor()] },
    server: { interceptors: [serverInterceptor()] },
  };
}

if (variant === "peer") {
  const { GrpcInstrumentation } = createRequire(join(cache, "package.json"))(
    "@opentelemetry/instrumentation-grpc",
  );
  propagation.setGlobalPropagator(
    new CompositePropagator({
      propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
    }),
  );
  const instrumentation = new GrpcInstrumentation();
  instrumentation.setTracerProvider(provider());
}

const grpc = require("@grpc/grpc-js");

const codec = {
  requestSerialize: (value) => Buffer.from(JSON.stringify(value)),
  requestDeserialize: (bytes) => JSON.parse(bytes.toString()),
  responseSerialize: (value) => Buffer.from(JSON.stringify(value)),
  responseDeserialize: (bytes) => JSON.parse(bytes.toString()),
};
const service = {
  Unary: { path: "/land.bench.Echo/Unary", requestStream: false, responseStream: false, ...codec },
};

const options = interceptors();
const server = new grpc.Server(options.server);
let active;
server.addService(service, {
  Unary: ({ request }, reply) => {
    active = trace.getActiveSpan();
    reply(null, request);
  },
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), async (error, port) => {
  if (error) throw error;
  const Client = grpc.makeGenericClientConstructor(service, "Echo");
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), options.client);
  const request = { RequestIdentifier: 1, Method: "file.read", Parameter: "x".repeat(100) };

  const call = () =>
    new Promise((resolve, reject) =>
      client.Unary(request, (failure) => (failure ? reject(failure) : resolve())),
    );
  const lane = async (calls) => {
    for (let made = 0; made < calls; made++) await call();
  };

  process.on("message", async (calls) => {
    const started = process.hrtime.bigint();
    const before = process.cpuUsage();
    await Promise.all(Array.from({ length: CONCURRENCY }, () => lane(calls / CONCURRENCY)));
    const { user, system } = process.cpuUsage(before);
    const wall = Number(process.hrtime.bigint() - started) / 1_000 / calls;
    process.send({ wall, cpu: (user + system) / calls });
  });
  process.on("disconnect", () => {
    client.close();
    server.forceShutdown();
  });

  await call();
  process.send({ spans, inContext: active !== undefined });
});
