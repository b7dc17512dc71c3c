import type { Context } from "@opentelemetry/api";
import { propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import type { Runtime } from "../../lib/shared/Runtime.js";
import { createPropagator } from "../../lib/propagation/createPropagator.js";
import { globalState } from "../../lib/shared/globalState.js";

export const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
export const SPAN_ID = "00f067aa0ba902b7";
export const TRACEPARENT = `00-${TRACE_ID}-${SPAN_ID}-01`;

/** A context with a span, and with baggage if there are entries. */
export function contextWith(baggage: Record<string, string> = {}): Context {
  const entries = Object.entries(baggage).map(([key, value]) => [key, { value }] as const);
  const context = trace.setSpanContext(ROOT_CONTEXT, {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    traceFlags: 1,
  });
  return entries.length === 0
    ? context
    : propagation.setBaggage(context, propagation.createBaggage(Object.fromEntries(entries)));
}

/** The span id and baggage that a context holds. */
export function contentOf(context: Context): {
  spanId: string | undefined;
  baggage: Record<string, string>;
} {
  const all = propagation.getBaggage(context)?.getAllEntries() ?? [];
  return {
    spanId: trace.getSpanContext(context)?.spanId,
    baggage: Object.fromEntries(all.map(([key, entry]) => [key, entry.value])),
  };
}

/** Runs something as if telemetry had been registered with this session. */
export function inSession<T>(sessionId: string, run: () => T): T {
  const state = globalState();
  state.runtime = { sessionId, propagator: createPropagator() } as Runtime;
  try {
    return run();
  } finally {
    delete state.runtime;
  }
}
