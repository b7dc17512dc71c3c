import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from "@opentelemetry/api";
import { createPropagator } from "../propagation/createPropagator.js";
import { withSessionOfTrace } from "../propagation/sessionBaggage.js";
import { globalState } from "../shared/globalState.js";

/** The propagator of the registered telemetry; a strict one when there is none. */
function propagator(): TextMapPropagator {
  return globalState().runtime?.propagator ?? createPropagator();
}

/**
 * Writes a context and the session of this run into a carrier through its setter. Used at every boundary. Never
 * throws.
 */
export function injectWith<C>(context: Context, carrier: C, setter: TextMapSetter<C>): void {
  try {
    const complete = withSessionOfTrace(context, globalState().runtime?.sessionId);
    propagator().inject(complete, carrier, setter as TextMapSetter);
  } catch {
    // A carrier that cannot be written to travels without a context.
  }
}

/** Reads a carrier through its getter; returns the context when there is nothing to read. Never throws. */
export function extractWith<C>(context: Context, carrier: C, getter: TextMapGetter<C>): Context {
  try {
    return propagator().extract(context, carrier, getter as TextMapGetter);
  } catch {
    return context;
  }
}
