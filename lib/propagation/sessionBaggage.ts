import type { Context, TextMapPropagator } from "@opentelemetry/api";
import { isSpanContextValid, propagation, trace } from "@opentelemetry/api";
import { ATTR_SESSION_ID } from "../resource/semanticConventions.js";

/**
 * Adds `session.id` to the baggage of a message's context, so that all tiers of one run share it. A session that is
 * already there stays, because it came from the tier that started the trace. Without a trace nothing is added.
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
 * The propagator for everyone else. Instrumentations use it to inject into requests to any server, so it leaves out
 * the `session.id` in our baggage, which is meant only for the tiers. Extracting is unchanged.
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
