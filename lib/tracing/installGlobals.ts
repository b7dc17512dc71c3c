import { context, propagation, trace } from "@opentelemetry/api";
import { apiGlobals, withoutLogger } from "../shared/diagnostics.js";
import type { Globals } from "../shared/Globals.js";

/**
 * Sets each global of the OpenTelemetry API that is still unset, and returns the names of those that somebody else had
 * already set. Each `setGlobal*` returns whether it took effect; nothing is replaced.
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

/** Removes these globals, except those that somebody has replaced since. */
export function removeGlobals({ provider, contextManager, propagator }: Globals): void {
  const current = apiGlobals();
  const proxy = trace.getTracerProvider() as { getDelegate?(): unknown };
  if (proxy.getDelegate?.() === provider) trace.disable();
  if (current?.context === contextManager) context.disable();
  if (current?.propagation === propagator) propagation.disable();
}
