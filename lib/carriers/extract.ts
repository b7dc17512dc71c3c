import type { Context } from "@opentelemetry/api";
import { context as contextApi } from "@opentelemetry/api";
import { carrierGetter } from "./carrierGetter.js";
import { extractWith } from "./propagate.js";

/**
 * Reads `traceparent`, `tracestate` and `baggage` from a carrier: a plain object of headers, a Map, Headers,
 * gRPC metadata, or anything else with `get(key)`. Names count in any letter case; more than one
 * traceparent counts as none. Never throws, and never changes the carrier.
 *
 * @param context What the result is built on, and what it is when the carrier holds nothing. Defaults to
 *   the active context.
 */
export function extract(carrier: unknown, context: Context = contextApi.active()): Context {
  return extractWith(context, carrier, carrierGetter);
}
