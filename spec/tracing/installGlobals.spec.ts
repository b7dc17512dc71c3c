import type { TextMapPropagator } from "@opentelemetry/api";
import { context, createContextKey, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { createPropagator } from "../../lib/propagation/createPropagator.js";
import type { Globals } from "../../lib/shared/Globals.js";
import { installGlobals, removeGlobals } from "../../lib/tracing/installGlobals.js";
import { keepDiagnostics } from "../support/diagnostics.js";

const KEY = createContextKey("spec");
const inside = ROOT_CONTEXT.setValue(KEY, 1);
const globals = (): Globals => ({
  provider: new BasicTracerProvider(),
  contextManager: new AsyncLocalStorageContextManager(),
  propagator: createPropagator(),
});

let foreign: AsyncLocalStorageContextManager | undefined;
const { stop } = keepDiagnostics();
afterAll(stop);
afterEach(() => {
  trace.disable();
  context.disable();
  propagation.disable();
  foreign?.disable();
  foreign = undefined;
});

describe("OpenTelemetry's globals", () => {
  it("are set if nobody else has set them, and work immediately", async () => {
    expect(installGlobals(globals())).toEqual([]);
    expect(trace.getTracer("spec").startSpan("work").isRecording()).toBe(true);
    expect(propagation.fields()).toEqual(["traceparent", "tracestate", "baggage"]);
    await context.with(inside, async () => {
      await Promise.resolve();
      expect(context.active().getValue(KEY)).toBe(1);
    });
  });

  it("set by a host are kept and reported by name", () => {
    const provider = new BasicTracerProvider();
    const propagator: TextMapPropagator = new W3CTraceContextPropagator();
    foreign = new AsyncLocalStorageContextManager().enable();
    trace.setGlobalTracerProvider(provider);
    context.setGlobalContextManager(foreign);
    propagation.setGlobalPropagator(propagator);

    const ours = globals();
    const disable = jest.spyOn(ours.contextManager, "disable");
    expect(installGlobals(ours)).toEqual(["tracer provider", "context manager", "propagator"]);
    expect(propagation.fields()).toEqual(propagator.fields());
    expect(context.with(inside, () => context.active())).toBe(inside);
    // An unused manager must not go on following every promise of the process.
    expect(disable).toHaveBeenCalledTimes(1);
  });

  it("are removed individually, and only if they are still the ones installed", () => {
    const former = globals();
    installGlobals(former);
    propagation.disable();
    const propagator = new W3CTraceContextPropagator();
    propagation.setGlobalPropagator(propagator);
    removeGlobals(former);
    expect(installGlobals(globals())).toEqual(["propagator"]);
    removeGlobals(former);
    expect(trace.getTracer("spec").startSpan("work").isRecording()).toBe(true);
    expect(context.with(inside, () => context.active())).toBe(inside);
  });

  it("are set individually", () => {
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    expect(installGlobals(globals())).toEqual(["propagator"]);
    expect(trace.getTracer("spec").startSpan("work").isRecording()).toBe(true);
    expect(context.with(inside, () => context.active())).toBe(inside);
  });
});
