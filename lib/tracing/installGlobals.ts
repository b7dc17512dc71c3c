import type { ContextManager, TextMapPropagator, TracerProvider } from "@opentelemetry/api";
import { withoutLogger } from "../shared/diagnostics.js";
import { context, propagation, trace } from "@opentelemetry/api";

/** The OpenTelemetry globals that `register` sets. */
export interface Globals {
  readonly provider: TracerProvider;
  readonly contextManager: ContextManager;
  readonly propagator: TextMapPropagator;
}

/**
 * Sets each of the API's globals that nobody has set, and returns the names of those that somebody had. Every
 * `setGlobal*` says whether it took effect; nothing is replaced.
 */
export function installGlobals(globals: Globals): readonly string[] {
  return withoutLogger(() => install(globals));
}

function install(globals: Globals): readonly string[] {
  const foreign: string[] = [];
  if (!trace.setGlobalTracerProvider(globals.provider)) foreign.push("tracer provider");
  if (!context.setGlobalContextManager(globals.contextManager.enable())) {
    globals.contextManager.disable();
    foreign.push("context manager");
  }
  if (!propagation.setGlobalPropagator(globals.propagator)) foreign.push("propagator");
  return foreign;
}
