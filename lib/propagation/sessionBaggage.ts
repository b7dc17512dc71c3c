import type { Baggage, Context } from "@opentelemetry/api";
import { isSpanContextValid, propagation, trace } from "@opentelemetry/api";
import { ATTR_SESSION_ID } from "../resource/semanticConventions.js";

/** The baggage of a message that has no other; one object, so that its header is made once. */
let alone: { readonly sessionId: string; readonly baggage: Baggage } | undefined;

/**
 * The context of a message with `session.id` in its baggage, so that all tiers of one run share it. A session
 * that is there already stays: it came from the tier that the trace came from. Without a trace there is no
 * session to tell.
 */
export function withSessionOfTrace(context: Context, sessionId: string | undefined): Context {
  if (sessionId === undefined || sessionId === "") return context;
  const spanContext = trace.getSpanContext(context);
  if (spanContext === undefined || !isSpanContextValid(spanContext)) return context;
  const baggage = propagation.getBaggage(context);
  if (baggage === undefined) return propagation.setBaggage(context, sessionAlone(sessionId));
  if (baggage.getEntry(ATTR_SESSION_ID) !== undefined) return context;
  return propagation.setBaggage(context, baggage.setEntry(ATTR_SESSION_ID, { value: sessionId }));
}

function sessionAlone(sessionId: string): Baggage {
  if (alone?.sessionId !== sessionId) {
    alone = {
      sessionId,
      baggage: propagation.createBaggage({ [ATTR_SESSION_ID]: { value: sessionId } }),
    };
  }
  return alone.baggage;
}
