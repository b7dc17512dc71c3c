import type { Context } from "@opentelemetry/api";
import { context as contextApi } from "@opentelemetry/api";
import { carrierSetter } from "./carrierSetter.js";
import { injectWith } from "./propagate.js";

/**
 * Writes the context's `traceparent`, `tracestate` and `baggage` into a carrier: a plain object of headers,
 * a Map, Headers, gRPC metadata, or anything else with `set(key, value)`. Returns the carrier. One that
 * cannot be written to (frozen, an array, a number, null) comes back unchanged; never throws.
 *
 * The baggage holds `session.id`, which is meant for the other tiers. Do not inject into requests to third
 * parties; the global propagator leaves it out.
 *
 * @param context Defaults to the active context.
 */
export function inject<C>(carrier: C, context: Context = contextApi.active()): C {
  injectWith(context, carrier, carrierSetter);
  return carrier;
}
