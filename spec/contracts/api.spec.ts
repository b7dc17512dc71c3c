import { context, metrics, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";

/** The OpenTelemetry API reports whether it accepted a global, and keeps the first one. */
describe("the OpenTelemetry API", () => {
  afterEach(() => {
    trace.disable();
    context.disable();
    propagation.disable();
    metrics.disable();
  });

  it("returns true for the first tracer provider and false for the next, which changes nothing", () => {
    jest.spyOn(console, "error").mockImplementation(() => undefined);
    const [first, second] = [new BasicTracerProvider(), new BasicTracerProvider()];
    expect([trace.setGlobalTracerProvider(first), trace.setGlobalTracerProvider(second)]).toEqual([
      true,
      false,
    ]);
    expect((trace.getTracerProvider() as unknown as { getDelegate(): unknown }).getDelegate()).toBe(
      first,
    );
  });

  it("does the same for the context manager and the propagator", () => {
    const manager = new AsyncLocalStorageContextManager();
    expect([
      context.setGlobalContextManager(manager),
      context.setGlobalContextManager(new AsyncLocalStorageContextManager()),
    ]).toEqual([true, false]);
    expect([
      propagation.setGlobalPropagator(new W3CTraceContextPropagator()),
      propagation.setGlobalPropagator(new W3CTraceContextPropagator()),
    ]).toEqual([true, false]);
  });

  it("keeps its globals under a symbol that all copies of one major version share", () => {
    trace.setGlobalTracerProvider(new BasicTracerProvider());
    const shared = (globalThis as unknown as Record<symbol, { version?: string } | undefined>)[
      Symbol.for("opentelemetry.js.api.1")
    ];
    expect(shared?.version).toMatch(/^1\.9\./);
  });
});
