import type { Context, TextMapPropagator } from "@opentelemetry/api";
import { propagation } from "@opentelemetry/api";
import { ATTR_SESSION_ID } from "../resource/semanticConventions.js";

/**
 * A propagator as everybody may use it: instrumentations write with it into requests to anybody, and the `session.id`
 * that came in the baggage of another tier is meant for the tiers alone. What reads is the same.
 */
export function withoutSession(propagator: TextMapPropagator): TextMapPropagator {
  return {
    inject: (context, carrier, setter) => propagator.inject(leaveOut(context), carrier, setter),
    extract: (context, carrier, getter) => propagator.extract(context, carrier, getter),
    fields: () => propagator.fields(),
  };
}

function leaveOut(context: Context): Context {
  const baggage = propagation.getBaggage(context);
  return baggage?.getEntry(ATTR_SESSION_ID) === undefined
    ? context
    : propagation.setBaggage(context, baggage.removeEntry(ATTR_SESSION_ID));
}
