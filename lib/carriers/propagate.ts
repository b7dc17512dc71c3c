import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from "@opentelemetry/api";
import { createPropagator } from "../propagation/createPropagator.js";
import { withSessionOfTrace } from "../propagation/sessionBaggage.js";
import { globalState } from "../shared/globalState.js";

let fallback: TextMapPropagator | undefined;

/** The propagator of the registered telemetry; before that, and without it, a strict one. */
function propagator(): TextMapPropagator {
  return globalState().runtime?.propagator ?? (fallback ??= createPropagator());
}

/**
 * Writes a context and the session of this run into a carrier, by the carrier's own setter. What every
 * boundary uses. Never throws.
 */
export function injectWith<C>(context: Context, carrier: C, setter: TextMapSetter<C>): void {
  try {
    const complete = withSessionOfTrace(context, globalState().runtime?.sessionId);
    propagator().inject(complete, carrier, setter as TextMapSetter);
  } catch {
    // A carrier that cannot be written to travels without a context.
  }
}

/** Reads a carrier by its own getter. The given context when there is nothing to read; never throws. */
export function extractWith<C>(context: Context, carrier: C, getter: TextMapGetter<C>): Context {
  try {
    return propagator().extract(context, carrier, getter as TextMapGetter);
  } catch {
    return context;
  }
}
