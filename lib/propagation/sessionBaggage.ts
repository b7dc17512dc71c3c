import type { Context, TextMapPropagator } from "@opentelemetry/api";
import { isSpanContextValid, propagation, trace } from "@opentelemetry/api";
import { ATTR_SESSION_ID } from "../resource/semanticConventions.js";

/**
 * The context of a message with `session.id` in its baggage, so that all tiers of one run share it. A session
 * that is there already stays: it came from the tier that the trace came from. Without a trace there is no
 * session to tell.
 */
export function withSessionOfTrace(context: Context, sessionId: string | undefined): Context {
  if (sessionId === undefined || sessionId === "") return context;
  const spanContext = trace.getSpanContext(context);
  if (spanContext === undefined || !isSpanContextValid(spanContext)) return context;
  const baggage = propagation.getBaggage(context) ?? propagation.createBaggage();
  if (baggage.getEntry(ATTR_SESSION_ID) !== undefined) return context;
  return propagation.setBaggage(context, baggage.setEntry(ATTR_SESSION_ID, { value: sessionId }));
}

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
