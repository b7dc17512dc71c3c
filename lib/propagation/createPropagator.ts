import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from "@opentelemetry/api";
import { diag } from "@opentelemetry/api";
import { StrictBaggagePropagator } from "./StrictBaggagePropagator.js";
import { StrictTraceContextPropagator } from "./StrictTraceContextPropagator.js";

/**
 * The propagator of a tier: W3C trace context and baggage by the official propagators, made strict. It
 * passes the whole W3C trace-context suite, never throws, and writes nothing that the grammar forbids.
 */
export function createPropagator(): TextMapPropagator {
  const traceContext = new StrictTraceContextPropagator();
  const baggage = new StrictBaggagePropagator();
  return {
    inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
      attemptInject(traceContext, context, carrier, setter);
      attemptInject(baggage, context, carrier, setter);
    },
    extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
      return attemptExtract(
        baggage,
        attemptExtract(traceContext, context, carrier, getter),
        carrier,
        getter,
      );
    },
    fields: () => [...traceContext.fields(), ...baggage.fields()],
  };
}

// One part that fails, on a carrier that throws, does not take the other with it.

function attemptInject(
  propagator: TextMapPropagator,
  context: Context,
  carrier: unknown,
  setter: TextMapSetter,
): void {
  try {
    propagator.inject(context, carrier, setter);
  } catch (error) {
    diag.debug("land-telemetry: context not injected", error);
  }
}

function attemptExtract(
  propagator: TextMapPropagator,
  context: Context,
  carrier: unknown,
  getter: TextMapGetter,
): Context {
  try {
    return propagator.extract(context, carrier, getter);
  } catch (error) {
    diag.debug("land-telemetry: context not extracted", error);
    return context;
  }
}
